#pragma once
// What waits to be sent to brands, kept until a brand has it or it is given up, so that a crash loses no message.
// Changes as in store::RowBook. Safe from any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/store/row_book.h"

namespace vrm::brands {

struct Outgoing {
  std::string id = {};     // 128 random bits
  std::string brand = {};  // handle
  std::string about =
      {};  // what it is of, for whoever sent it: "intent:{iid}", "acceptance:{ac}", "" for a word alone
  std::string url = {};
  std::string content_type = {};
  std::string body = {};
  std::int64_t attempts = 0;  // failures so far
  Instant due = {};           // not before
  Instant given_up_at = {};   // not after

  store::RowId row{};
  store::KeyId key{};  // the brand's
};

Bytes write_outgoing(const Outgoing& message);
// Corrupt: not what write_outgoing wrote.
Result<Outgoing> read_outgoing(BytesView record);

using OutgoingPtr = std::shared_ptr<const Outgoing>;

class Outbox {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  OutgoingPtr find(std::string_view id) const { return rows_.find(id); }
  std::vector<OutgoingPtr> all() const { return rows_.all(); }

  // Its row is filled in.
  Result<OutgoingPtr> add(store::Txn& txn, Outgoing message, Random& random);
  Result<OutgoingPtr> put(store::Txn& txn, Outgoing message) {
    return rows_.put(txn, std::move(message));
  }
  // NotFound: it is not there any more.
  Result<void> erase(store::Txn& txn, std::string_view id) { return rows_.erase(txn, id); }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Outbox;
    static std::string name(const Outgoing& message) { return message.id; }
    static Bytes write(const Outgoing& message) { return write_outgoing(message); }
    static Result<Outgoing> read(BytesView record) { return read_outgoing(record); }
  };

  store::RowBook<Outgoing, Codec> rows_;
};

}  // namespace vrm::brands
