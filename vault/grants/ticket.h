#pragma once
// What a brand shows at the token endpoint: the auth_req_id of a request, an intent or a grant made unasked, and refresh
// tokens. Each is 256 random bits; the vault keeps a hash of it and nothing that shows it again. And what a brand must not
// show any more: access tokens that it gave back, until they would have run out.
//
//   auth_req_id   = base64url of the bits          refresh token = the same | "." | base64url of a witness

#include <memory>
#include <string>
#include <string_view>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/store/row_book.h"

namespace vrm::grants {

// ForIntent and IntentRefresh open the way to answer one intent. Ended closes one: of an access token by its `jti`, or of
// all of an intent's by its {iid}.
enum class TicketKind { ForRequest, ForGrant, Refresh, ForIntent, IntentRefresh, Ended };

struct Ticket {
  TicketKind kind = TicketKind::Refresh;
  std::string brand;  // handle
  std::string
      target;  // id of the request (ForRequest), {iid} of the intent (ForIntent, IntentRefresh), or of the grant;
  // of Ended the same as of what it ends
  Instant expires_at;

  store::RowId row{};  // the first 16 bytes of the hash of what the brand holds
  store::KeyId key{};  // the brand's
};

Bytes write_ticket(const Ticket& ticket);
// Corrupt: not what write_ticket wrote.
Result<Ticket> read_ticket(BytesView record);

using TicketPtr = std::shared_ptr<const Ticket>;

// All tickets, by what the brand shows. Changes as in store::RowBook. Safe from any thread.
class TicketBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  // Nothing: unknown, or used up.
  TicketPtr find(std::string_view shown) const;

  // A fresh secret text, to be handed to make() and to the brand.
  static std::string draw(Random& random);
  // The same with a witness of how far the vault has come (store::Store::witness).
  static std::string draw(Random& random, BytesView witness);
  // Of what was shown; empty when it has none.
  static Bytes witness_in(std::string_view shown);
  // Records what the brand will show as `shown`.
  Result<TicketPtr> make(store::Txn& txn, Ticket ticket, std::string_view shown);
  // NotFound: used up already.
  Result<void> use_up(store::Txn& txn, const Ticket& ticket);

  // Access tokens that are not taken any more although they have not run out: the one with this `jti`, or all of an
  // intent by `{iid}`. `ending.expires_at` is when the last of them would have run out.
  Result<TicketPtr> end(store::Txn& txn, Ticket ending, std::string_view jti_or_iid);
  bool has_ended(std::string_view jti_or_iid) const { return has_end(name_of_end(jti_or_iid)); }
  // The same for who asks often: the name costs a hash.
  static std::string name_of_end(std::string_view jti_or_iid);
  bool has_end(std::string_view name_of_end) const { return rows_.find(name_of_end) != nullptr; }
  // Erases what was ended and has run out since.
  Result<void> forget_ended(store::Txn& txn, Instant now) {
    return rows_.erase_if(txn, [now](const auto& record) {
      return record.kind == TicketKind::Ended && record.expires_at <= now;
    });
  }
  // The refresh tokens of a grant that was renewed are good as long as it is.
  Result<void> prolong(store::Txn& txn, std::string_view grant, Instant until);

  // What opens the way to `target`, a grant, request or {iid}, when that is erased.
  Result<void> forget_target(store::Txn& txn, std::string_view target) {
    return rows_.erase_if(txn, [target](const auto& record) { return record.target == target; });
  }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Refresh;
    static std::string name(const Ticket& ticket) { return text_of(ticket.row); }
    static Bytes write(const Ticket& ticket) { return write_ticket(ticket); }
    static Result<Ticket> read(BytesView record) { return read_ticket(record); }
  };

  store::RowBook<Ticket, Codec> rows_;
};

}  // namespace vrm::grants
