#pragma once
// All requests of the vault: received, answered, counted. Changes as in store::RowBook. Safe from any thread.

#include <memory>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/grants/request.h"
#include "vault/store/row_book.h"

namespace vrm::grants {

using RequestPtr = std::shared_ptr<const AccessRequest>;

class RequestBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  RequestPtr find(std::string_view id) const { return rows_.find(id); }
  // By id or unique beginning, as a person types it. NotFound; Conflict: several begin so; Malformed.
  Result<RequestPtr> find_typed(std::string_view typed) const;
  // Newest first.
  std::vector<RequestPtr> list() const;

  // A brand's requests that wait now, as far as it can tell, and those that came after `since`; either the earliest
  // first. One that was denied without a word counts until it lapses: a place that came free would tell.
  struct Load {
    std::vector<Instant> lapse_at = {};  // of each that waits
    std::vector<Instant> came_at = {};   // of each recent one
  };
  Load load_of(std::string_view brand, Instant now, Instant since) const;

  // Records a new request; its row is filled in.
  Result<RequestPtr> receive(store::Txn& txn, AccessRequest request, Random& random);
  // NotFound; Conflict: it does not wait any more.
  Result<RequestPtr> approve(store::Txn& txn, std::string_view id, std::string_view grant,
                             Instant now, std::string_view rule = {});
  Result<RequestPtr> deny(store::Txn& txn, std::string_view id, bool tell, Instant now);

  // NotFound.
  Result<void> erase(store::Txn& txn, std::string_view id) { return rows_.erase(txn, id); }

  // One that may be answered. NotFound; Conflict (request.answered): it was, or has lapsed.
  Result<RequestPtr> pending(std::string_view id, Instant now) const;

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Requests;
    static std::string name(const AccessRequest& request) { return request.id.text; }
    static Bytes write(const AccessRequest& request) { return write_request(request); }
    static Result<AccessRequest> read(BytesView record) { return read_request(record); }
  };

  store::RowBook<AccessRequest, Codec> rows_;
};

}  // namespace vrm::grants
