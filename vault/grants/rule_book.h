#pragma once
// All rules of the vault: made, found for a request, removed. Changes as in store::RowBook; both are anchored, so that a
// rule that was removed does not come back unnoticed. Safe from any thread.

#include <memory>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/grants/rule.h"
#include "vault/store/row_book.h"

namespace vrm::grants {

using RulePtr = std::shared_ptr<const Rule>;

class RuleBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  RulePtr find(std::string_view id) const { return rows_.find(id); }
  // By id or unique beginning, as a person types it. NotFound; Conflict: several begin so; Malformed.
  Result<RulePtr> find_typed(std::string_view typed) const;
  // Newest first.
  std::vector<RulePtr> list() const;

  // The rule that answers the request: the newest that covers it, of two of one moment the denial. Null: none does.
  RulePtr covering(const AccessRequest& request) const;
  // Those of the same brand, purpose and decided fields: what a new decision takes the place of.
  std::vector<RulePtr> same_as(const Rule& rule) const;

  // Records a new rule; its row is filled in.
  Result<RulePtr> make(store::Txn& txn, Rule rule, Random& random);
  // NotFound.
  Result<void> remove(store::Txn& txn, std::string_view id);

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Rules;
    static std::string name(const Rule& rule) { return rule.id.text; }
    static Bytes write(const Rule& rule) { return write_rule(rule); }
    static Result<Rule> read(BytesView record) { return read_rule(record); }
  };

  store::RowBook<Rule, Codec> rows_;
};

}  // namespace vrm::grants
