#include "vault/grants/ticket.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/crypto/sha256.h"

namespace vrm::grants {

namespace {

constexpr std::size_t kTicketBytes = 32;
constexpr char kWitnessMark = '.';
constexpr std::string_view kKindWords[] = {"for_request", "for_grant",      "refresh",
                                           "for_intent",  "intent_refresh", "ended"};

store::RowId row_of(std::string_view shown) {
  const auto hash = crypto::sha256(bytes_of(shown));
  store::RowId row{};
  std::copy_n(hash.begin(), row.size(), row.begin());
  return row;
}

// Shown as a ticket it finds one of kind Ended, which opens nothing.
std::string ended_name(std::string_view jti_or_iid) {
  return "ended:" + std::string(jti_or_iid);
}

Result<Ticket> ticket_from(const nlohmann::json& json) {
  Ticket ticket;
  const std::string kind = TRY(need_string(json, "kind"));
  const auto* word = std::find(std::begin(kKindWords), std::end(kKindWords), kind);
  if (word == std::end(kKindWords)) return Error{ErrorCode::Corrupt, "a ticket's kind is unknown"};
  ticket.kind = static_cast<TicketKind>(word - std::begin(kKindWords));
  ticket.brand = TRY(need_string(json, "brand"));
  ticket.target = TRY(need_string(json, "target"));
  ticket.expires_at = {TRY(need_int(json, "expires_at"))};
  return ticket;
}

}  // namespace

Bytes write_ticket(const Ticket& ticket) {
  const std::string text = write_json({{"kind", kKindWords[static_cast<std::size_t>(ticket.kind)]},
                                       {"brand", ticket.brand},
                                       {"target", ticket.target},
                                       {"expires_at", ticket.expires_at.ms}});
  return {text.begin(), text.end()};
}

Result<Ticket> read_ticket(BytesView record) {
  const auto json = read_json(text_of(record));
  if (json.ok()) {
    auto ticket = ticket_from(json.value());
    if (ticket.ok()) return ticket;
  }
  return Error{ErrorCode::Corrupt, "a ticket's record cannot be read"};
}

TicketPtr TicketBook::find(std::string_view shown) const {
  return rows_.find(text_of(row_of(shown)));
}

std::string TicketBook::draw(Random& random) {
  std::array<std::uint8_t, kTicketBytes> drawn{};
  random.fill(drawn);
  return to_base64url(drawn);
}

std::string TicketBook::draw(Random& random, BytesView witness) {
  return draw(random) + kWitnessMark + to_base64url(witness);
}

Bytes TicketBook::witness_in(std::string_view shown) {
  const auto mark = shown.find(kWitnessMark);
  if (mark == shown.npos) return {};
  auto witness = from_base64url(shown.substr(mark + 1));
  return witness.ok() ? std::move(witness).value() : Bytes();
}

Result<TicketPtr> TicketBook::make(store::Txn& txn, Ticket ticket, std::string_view shown) {
  ticket.row = row_of(shown);
  return rows_.put(txn, std::move(ticket));
}

Result<TicketPtr> TicketBook::end(store::Txn& txn, Ticket ending, std::string_view jti_or_iid) {
  ending.kind = TicketKind::Ended;
  return make(txn, std::move(ending), ended_name(jti_or_iid));
}

std::string TicketBook::name_of_end(std::string_view jti_or_iid) {
  return text_of(row_of(ended_name(jti_or_iid)));
}

Result<void> TicketBook::prolong(store::Txn& txn, std::string_view grant, Instant until) {
  for (const auto& ticket : rows_.all()) {
    if (ticket->kind != TicketKind::Refresh || ticket->target != grant) continue;
    Ticket next = *ticket;
    next.expires_at = until;
    TRY(rows_.put(txn, std::move(next)));
  }
  return {};
}

Result<void> TicketBook::use_up(store::Txn& txn, const Ticket& ticket) {
  return rows_.erase(txn, Codec::name(ticket));
}

}  // namespace vrm::grants
