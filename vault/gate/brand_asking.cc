// BrandDesk: a brand asks the owner (CIBA in poll mode, RFC 9396).

#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/by_rule.h"
#include "vault/gate/wish.h"

namespace vrm::gate {

namespace {

constexpr Duration kRequestLife = std::chrono::hours(24);
constexpr std::int64_t kMostRequestSeconds = 7 * 86400;
constexpr std::size_t kMostBindingScalars = 60;
constexpr int kRetryWhenFull_s = 3600;

std::optional<std::string> asked(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::nullopt : std::optional<std::string>(found->second);
}

// How long the request waits. Nothing: not a whole number of seconds between 1 and 7 days'.
std::optional<Duration> life_of(const Form& form) {
  const auto text = asked(form, "requested_expiry");
  if (!text) return kRequestLife;
  if (text->empty() || text->size() > 6 ||
      text->find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const std::int64_t seconds = std::stoll(*text);
  if (seconds < 1 || seconds > kMostRequestSeconds) return std::nullopt;
  return Duration(seconds * 1000);
}

grants::AccessRequest request_from(const Wish& wish, const brands::Brand& brand, const Form& form,
                                   Instant now, Duration life, Random& random) {
  grants::AccessRequest request;
  request.id = RequestId::make(random);
  request.brand = brand.handle;
  request.key = brand.key;
  request.needed = wish.needed;
  request.optional = wish.optional;
  request.purpose = wish.purpose;
  request.reason = wish.reason;
  request.binding_message =
      printable(asked(form, "binding_message").value_or(""), kMostBindingScalars);
  request.expires_in_s = wish.expires_in_s;
  request.retention_days = wish.retention_days;
  request.max_reads = wish.max_reads;
  request.received_at = now;
  request.lapses_at = now + life;
  return request;
}

std::vector<std::string> all_fields(const grants::AccessRequest& request) {
  auto fields = request.needed;
  fields.insert(fields.end(), request.optional.begin(), request.optional.end());
  return fields;
}

}  // namespace

void BrandDesk::ask(std::string_view vid, const Form& form, const Later<std::string>& later) {
  auto found = authenticated(vid, form);
  if (auto* refused = std::get_if<Refused>(&found))
    return refuse_stranger(std::move(*refused), later);
  const auto& caller = std::get<Caller>(found);
  journal::Entry entry =
      entry_for(caller, journal::Kind::RequestReceived, journal::Outcome::Refused);

  const auto scope = asked(form, "scope");
  const auto life = life_of(form);
  const auto hint = asked(form, "login_hint");
  if ((scope && *scope != "vrm") || !life || (hint && *hint != caller.issuer->subject))
    return refuse_party(caller, entry,
                        {BrandError::InvalidRequest, "scope, requested_expiry or login_hint"},
                        later);
  const auto wish =
      read_wish(asked(form, "authorization_details").value_or(""), vault_.knowledge().purposes);
  if (!wish.ok())
    return refuse_party(caller, entry,
                        {BrandError::InvalidAuthorizationDetails, wish.error().message}, later);
  const auto load = caller.rooms->requests.load_of(caller.brand->handle, caller.now,
                                                   caller.now - std::chrono::hours(24));
  if (load.pending >= limits_.pending_requests || load.recent >= limits_.requests_per_day)
    return refuse_party(
        caller, entry,
        {BrandError::RateLimited, "too many requests wait or came today", kRetryWhenFull_s}, later);

  const auto request =
      request_from(wish.value(), *caller.brand, form, caller.now, *life, vault_.means().random);
  entry.outcome = journal::Outcome::Done;
  entry.fields = all_fields(request);
  entry.purpose = request.purpose;
  const std::string shown = grants::TicketBook::draw(vault_.means().random);
  auto* rooms = caller.rooms;
  store::Job job = [this, rooms, request, entry, shown](store::Txn& txn) -> Result<void> {
    TRY(take(txn, vault_, request, entry));
    const grants::Ticket ticket{.kind = grants::TicketKind::ForRequest,
                                .brand = request.brand,
                                .target = request.id.text,
                                .expires_at = request.lapses_at,
                                .key = request.key};
    TRY(rooms->tickets.make(txn, ticket, shown));
    return {};
  };
  const std::string answer = write_json({{"auth_req_id", shown},
                                         {"expires_in", life->count() / 1000},
                                         {"interval", limits_.poll_interval_s}});
  enqueue(std::move(job), [answer, later](Result<void> kept) {
    const bool durable = kept.ok();
    later([answer, durable]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return answer;
    });
  });
}

}  // namespace vrm::gate
