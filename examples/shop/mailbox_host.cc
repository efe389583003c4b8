#include "examples/shop/mailbox_host.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "examples/shop/envelope.h"
#include "examples/shop/records.h"

namespace vrm::shop {
namespace {

// A poll is made for a minute; the clocks may differ by another.
constexpr Duration kLongestPollLife = std::chrono::seconds(60) + jose::kClockSkew;
constexpr Duration kPollMemory = kLongestPollLife + jose::kClockSkew;
constexpr std::array<std::string_view, 2> kWellKnown = {"/.well-known/oauth-authorization-server",
                                                        "/.well-known/oauth-protected-resource"};

Error denied(const char* why) {
  return {ErrorCode::Denied, why};
}

// The vid in `/v/{vid}` or `/v/{vid}/…`; "" when it is not of that shape.
std::string_view vid_in(std::string_view path) {
  if (!path.starts_with("/v/")) return "";
  const std::string_view rest = path.substr(3);
  return rest.substr(0, rest.find('/'));
}

// The path relative to {M} that a vault is told: without kMailboxPath, wherever it stands. Nothing:
// the path is none of a vault's.
std::optional<std::string> path_for_vault(std::string_view path) {
  std::string_view well_known;
  for (const std::string_view name : kWellKnown) {
    if (path.starts_with(name)) well_known = name;
  }
  std::string_view rest = path.substr(well_known.size());
  if (!rest.starts_with(kMailboxPath)) return std::nullopt;
  rest.remove_prefix(std::string_view(kMailboxPath).size());
  if (vid_in(rest).empty()) return std::nullopt;
  return std::string(well_known) + std::string(rest);
}

}  // namespace

std::optional<Response> MailboxHost::serve(const Request& request) {
  const bool posted = request.method == "POST";
  if (posted && request.path == std::string(kMailboxPath) + "/poll") return poll(request.body);
  if (posted && request.path == std::string(kMailboxPath) + "/answer") return answer(request.body);
  std::optional<std::string> path = path_for_vault(request.path);
  if (!path) return std::nullopt;
  return pass_on(request, std::move(*path));
}

// The letter's vault must be one that is reached here: its issuer lies in this mailbox.
Result<std::string> MailboxHost::vid_of(const Letter& letter) const {
  const std::string& issuer = letter.claims.iss;
  const std::string before = endpoint_ + "/v/";
  if (!issuer.starts_with(before) || issuer.size() == before.size()) {
    return denied("its vault is not reached through this mailbox");
  }
  return issuer.substr(before.size());
}

Result<std::string> MailboxHost::take_poll(std::string_view text) {
  const Letter letter =
      TRY(open_letter(text, {.type = "vrm-poll+jwt", .client_id = client_id_}, folder_));
  const Instant now = clock_.now();
  TRY(check_current(letter, now));
  if (*letter.claims.exp > now + kLongestPollLife) return denied("a poll is good for a minute");
  std::string vid = TRY(vid_of(letter));
  const jose::Seen seen =
      polls_.remember(letter.claims.iss, letter.claims.iss, letter.claims.jti, kPollMemory);
  if (seen != jose::Seen::Fresh) return Error{ErrorCode::Conflict, "heard before"};
  return vid;
}

Response MailboxHost::poll(std::string_view text) {
  const Result<std::string> vid = take_poll(text);
  if (!vid.ok()) return Response::refusal(401, "invalid_poll");
  const std::vector<Parcel> parcels = mailbox_.collect(vid.value());
  if (parcels.empty()) return {204};
  return Response::json(200, write_requests(parcels));
}

Result<void> MailboxHost::take_answer(std::string_view text) {
  const Letter letter = TRY(open_letter(
      text, {.type = "vrm-answer+jwt", .client_id = client_id_, .most_bytes = kMostEnvelopeBytes},
      folder_));
  TRY(check_current(letter, clock_.now()));
  const std::string vid = TRY(vid_of(letter));
  Answered answered = TRY(read_answer(letter.payload()));
  return mailbox_.answer(vid, answered.id, std::move(answered.response));
}

Response MailboxHost::answer(std::string_view text) {
  const Result<void> taken = take_answer(text);
  if (taken.ok()) return {204};
  // Nobody waits any more: the request was answered, or its caller has gone.
  if (taken.error().code == ErrorCode::NotFound) return Response::refusal(404, "not_found");
  return Response::refusal(401, "invalid_answer");
}

Response MailboxHost::pass_on(const Request& request, std::string path) {
  const std::string issuer_path = path.starts_with("/v/") ? path : path.substr(path.find("/v/"));
  const std::string vid(vid_in(issuer_path));
  const std::string issuer = endpoint_ + "/v/" + vid;
  const Result<std::vector<Vault>> vaults = load_vaults(folder_);
  const bool known =
      vaults.ok() && std::any_of(vaults.value().begin(), vaults.value().end(),
                                 [&](const Vault& one) { return one.issuer == issuer; });
  if (!known) return Response::refusal(404, "not_found");
  Request for_vault{request.method, std::move(path), request.query, {}, request.body};
  for (const auto& [name, value] : request.headers) {
    if (is_for_the_vault(name)) for_vault.headers.emplace_back(name, value);
  }
  Result<Response> answered = mailbox_.pass_on(vid, std::move(for_vault));
  if (answered.ok()) return std::move(answered).value();
  const bool late = answered.error().code == ErrorCode::Unavailable;
  return Response::refusal(late ? 504 : 503, "temporarily_unavailable");
}

}  // namespace vrm::shop
