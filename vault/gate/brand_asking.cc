// BrandDesk: a brand asks the owner (CIBA in poll mode, RFC 9396).

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/by_rule.h"
#include "vault/gate/wish.h"
#include "vault/jose/terms_jwt.h"

namespace vrm::gate {

namespace {

constexpr Duration kRequestLife = std::chrono::hours(24);
constexpr std::int64_t kMostRequestSeconds = 7 * 86400;
constexpr std::size_t kMostBindingScalars = 60;
constexpr Duration kDay = std::chrono::hours(24);

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

// What is wrong with a parameter besides what authorization_details says; "" for nothing.
std::string_view wrong_parameter(const Form& form, const std::optional<Duration>& life,
                                 std::string_view subject) {
  if (asked(form, "scope").value_or("vrm") != "vrm") return "scope: must be vrm";
  if (!life) return "requested_expiry: seconds, from 1 to 604800";
  const auto hint = asked(form, "login_hint");
  if (hint && *hint != subject) return "login_hint: not the sub of the introduction";
  return asked(form, "authorization_details") ? "" : "authorization_details is missing";
}

// Which of `earliest_first` goes last of those that must, until one more may be; nothing: one more may be now.
std::optional<Instant> place_after(const std::vector<Instant>& earliest_first, std::size_t limit) {
  if (earliest_first.size() < limit) return std::nullopt;
  return earliest_first[earliest_first.size() - limit];
}

// Why no more requests are taken now, and until when. Nothing: one more is.
std::optional<Refused> full(const grants::RequestBook::Load& load, const BrandLimits& limits,
                            Instant now) {
  std::string which;
  Instant free_at = now;
  if (const auto lapses = place_after(load.lapse_at, limits.pending_requests)) {
    which = std::to_string(load.lapse_at.size()) + " requests wait for the owner";
    free_at = *lapses;
  }
  if (const auto came = place_after(load.came_at, limits.requests_per_day)) {
    which += (which.empty() ? "" : ", and ") + std::to_string(load.came_at.size());
    which += " came within a day";
    free_at = std::max(free_at, *came + kDay);
  }
  if (which.empty()) return std::nullopt;
  const std::int64_t wait_s = (free_at - now + std::chrono::milliseconds(999)).count() / 1000;
  return Refused{BrandError::RateLimited, which,
                 static_cast<int>(std::max<std::int64_t>(wait_s, 1))};
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

// In the log a refused ask names neither fields nor purpose, as any that was not taken.
Result<void> note_refused(store::Txn& txn, const Rooms& rooms, const journal::Entry& asked,
                          BrandError error) {
  journal::Entry entry = asked;
  entry.outcome = journal::Outcome::Refused;
  entry.fields.clear();
  entry.purpose.clear();
  entry.reason = std::string(to_string(error));
  TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

std::vector<std::string> all_fields(const grants::AccessRequest& request) {
  auto fields = request.needed;
  fields.insert(fields.end(), request.optional.begin(), request.optional.end());
  return fields;
}

// What the owner's log calls terms.
std::string word_of_terms(const grants::Roster& roster, const grants::NamedTerms& terms) {
  const auto* agreement = roster.find(terms.id);
  const std::string word = agreement == nullptr ? terms.id : agreement->word;
  return terms.jws.empty() ? word : word + " signed";
}

// The request names no terms, or not those that the owner wants.
Refused terms_wanted(const grants::Roster& roster, const brands::Brand& brand) {
  const auto* agreement = roster.find(brand.wants_terms);
  std::string wanted = "`terms`: the owner wants the id " + brand.wants_terms;
  if (agreement != nullptr) wanted += " and the digest " + agreement->digest;
  if (brand.wants_signed) wanted += ", and terms_jwt";
  return {BrandError::InvalidAuthorizationDetails, std::move(wanted), {}, "terms_missing"};
}

}  // namespace

std::optional<Refused> BrandDesk::take_terms(const Caller& caller, const Form& form,
                                             std::optional<grants::NamedTerms>& terms) {
  const brands::Brand& brand = *caller.brand;
  const bool are_wanted = !brand.wants_terms.empty();
  if (are_wanted && (!terms || terms->id != brand.wants_terms))
    return terms_wanted(vault_.knowledge().roster, brand);
  const auto text = asked(form, "terms_jwt");
  if (!text && are_wanted && brand.wants_signed)
    return Refused{BrandError::InvalidRequest,
                   "terms_jwt is missing: the owner wants the terms signed",
                   {},
                   "terms_unsigned"};
  if (!text) return std::nullopt;
  if (!terms)
    return Refused{BrandError::InvalidRequest, "terms_jwt: authorization_details names no terms"};
  const auto refusal =
      jose::take_terms(*text, *asked(form, "authorization_details"), caller.issuer->brand_keys,
                       rules_for(caller), assertions_, brand.handle);
  if (!refusal) {
    terms->jws = *text;
    return std::nullopt;
  }
  if (*refusal == jose::AssertionRefusal::Full)
    return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
  return Refused{BrandError::InvalidRequest,
                 "terms_jwt: " + std::string(jose::to_string(*refusal))};
}

void BrandDesk::ask(std::string_view vid, const Form& form, const Later<std::string>& later) {
  auto found = authenticated(vid, form);
  if (auto* refused = std::get_if<Refused>(&found))
    return refuse_stranger(std::move(*refused), later);
  const auto& caller = std::get<Caller>(found);
  journal::Entry entry =
      entry_for(caller, journal::Kind::RequestReceived, journal::Outcome::Refused);

  const auto life = life_of(form);
  if (const auto wrong = wrong_parameter(form, life, caller.issuer->subject); !wrong.empty())
    return refuse_party(caller, entry, {BrandError::InvalidRequest, std::string(wrong)}, later);
  const auto wish = read_wish(asked(form, "authorization_details").value_or(""),
                              vault_.knowledge().purposes, vault_.knowledge().roster);
  if (!wish.ok())
    return refuse_party(caller, entry,
                        {BrandError::InvalidAuthorizationDetails, wish.error().message}, later);
  auto terms = wish.value().terms;
  if (auto refused = take_terms(caller, form, terms))
    return refuse_party(caller, entry, std::move(*refused), later);

  auto request =
      request_from(wish.value(), *caller.brand, form, caller.now, *life, vault_.means().random);
  request.terms = std::move(terms);
  entry.outcome = journal::Outcome::Done;
  entry.fields = all_fields(request);
  entry.purpose = request.purpose;
  if (request.terms) entry.reason = word_of_terms(vault_.knowledge().roster, *request.terms);
  const std::string shown = grants::TicketBook::draw(vault_.means().random);
  auto* rooms = caller.rooms;
  // Asks of one turn are all submitted before any is kept; only here does each count those before it.
  const auto refused = std::make_shared<std::optional<Refused>>();
  store::Job job = [this, rooms, request, entry, shown, refused](store::Txn& txn) -> Result<void> {
    const Instant now = request.received_at;
    *refused = full(rooms->requests.load_of(request.brand, now, now - kDay), limits_, now);
    if (*refused) return note_refused(txn, *rooms, entry, (*refused)->error);
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
  enqueue(std::move(job), [answer, refused, later](Result<void> kept) {
    const bool durable = kept.ok();
    later([answer, refused, durable]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      if (*refused) return **refused;
      return answer;
    });
  });
}

}  // namespace vrm::gate
