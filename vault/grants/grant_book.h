#pragma once
// All grants of the vault: made, found, used up, taken back. Changes as in store::RowBook; what is given, taken back
// or confirmed is anchored. Safe from any thread.

#include <memory>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/grants/grant.h"
#include "vault/store/row_book.h"

namespace vrm::grants {

// Whether a read is counted, or was before.
enum class Counting { Now, Before };

using GrantPtr = std::shared_ptr<const Grant>;

class GrantBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  GrantPtr find(std::string_view id) const { return rows_.find(id); }
  // By id or unique beginning, as a person types it. NotFound; Conflict: several begin so; Malformed.
  Result<GrantPtr> find_typed(std::string_view typed) const;
  // Newest first.
  std::vector<GrantPtr> list() const;

  // Records a new grant; its row is filled in.
  Result<GrantPtr> make(store::Txn& txn, Grant grant, Random& random);

  // Held -> waiting; what is further already stays so. NotFound; Denied: it ended.
  Result<GrantPtr> release(store::Txn& txn, std::string_view id, Instant now);

  // Waiting -> active; an active one stays so. NotFound; Denied: it ended.
  Result<GrantPtr> activate(store::Txn& txn, std::string_view id, Instant now);

  // Takes one back. Taking back what was taken back changes nothing and is no failure. NotFound.
  Result<GrantPtr> revoke(store::Txn& txn, std::string_view id, Instant now);
  // The brand wants it no more. NotFound; Denied: it ended.
  Result<GrantPtr> give_back(store::Txn& txn, std::string_view id, Instant now);

  // Its time begins anew: from now on it lasts as long as it was given for. Its count goes on. NotFound; Denied: it is
  // not good for anything now, so there is nothing to go on with.
  Result<GrantPtr> renew(store::Txn& txn, std::string_view id, Instant now);
  // Ends it for good if it is unused for so long, asked anew here, where no read can come between. Null: it is not.
  // NotFound.
  Result<GrantPtr> end_unused(store::Txn& txn, std::string_view id, Instant now, Duration limit);

  // It is good for nothing until it is confirmed. NotFound.
  Result<GrantPtr> suspend(store::Txn& txn, std::string_view id);
  // What it was before it was suspended; of one that is not it changes nothing. NotFound; Denied: it ended.
  Result<GrantPtr> confirm(store::Txn& txn, std::string_view id, Instant now);

  // Asks anew whether the grant is active and has these fields now, and counts one read of them; with Before, whether it
  // was and had at that read, which is not counted again. NotFound; Denied: it is not, any more; Conflict: one of the
  // fields is not in it, or was to be read once and was.
  Result<GrantPtr> use(store::Txn& txn, std::string_view id, const std::vector<std::string>& fields,
                       Instant now, Counting counting = Counting::Now);

  // Of one that ended, and whose tokens did. NotFound.
  Result<void> erase(store::Txn& txn, std::string_view id) { return rows_.erase(txn, id); }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Grants;
    static std::string name(const Grant& grant) { return grant.id.text; }
    static Bytes write(const Grant& grant) { return write_grant(grant); }
    static Result<Grant> read(BytesView record) { return read_grant(record); }
  };

  store::RowBook<Grant, Codec> rows_;
};

}  // namespace vrm::grants
