#include "examples/shop/commands.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "examples/shop/download.h"
#include "examples/shop/inbox.h"
#include "examples/shop/say.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::shop {
namespace {

constexpr std::array<std::string_view, 1> kReceipt = {"vrm-receipt+jwt"};
constexpr std::string_view kReceiptsName = "receipts.json";
constexpr std::int64_t kSlowDownSeconds = 5;
constexpr std::int64_t kLongestIntervalSeconds = 300;
constexpr Duration kShortestPause = std::chrono::milliseconds(100);

Result<int> keep_tokens(const Desk& desk, const Asked& asked, const Answer& answer) {
  const Tokens tokens = TRY(Tokens::from_answer(answer.body, asked.issuer, desk.clock.now()));
  TRY(save_tokens(desk.folder, {tokens}));
  say("granted: " + listed(tokens.fields) + ", for " + printable(tokens.purpose, 60));
  std::vector<std::string> kept_back;
  for (const std::string& field : asked.fields) {
    if (std::find(tokens.fields.begin(), tokens.fields.end(), field) == tokens.fields.end()) {
      kept_back.push_back(field);
    }
  }
  if (!kept_back.empty()) say("kept back by the owner: " + listed(kept_back));
  say("grant " + printable(tokens.grant_id, 60));
  return kDone;
}

// A grant outlives its tokens: when one has run out, another is fetched.
Result<Answer> read_or_refresh(const Desk& desk, VaultClient& client, std::vector<Tokens>& all,
                               std::size_t which, const ReadPlan& plan) {
  Tokens& tokens = all[which];
  Answer answer = TRY(client.read(tokens, plan.fields, plan.purpose));
  if (answer.error != "invalid_token" || tokens.refresh_token.empty()) return answer;
  const Answer refreshed = TRY(client.refresh(tokens.refresh_token));
  if (!refreshed.good()) {
    say("a fresh token was refused too: " + refreshed.in_words());
    return answer;
  }
  tokens = TRY(tokens.refreshed_by(refreshed.body, desk.clock.now()));
  TRY(save_tokens(desk.folder, all));
  return client.read(tokens, plan.fields, plan.purpose);
}

// The vault's signed word that this was read: the shop's evidence that it was allowed to. "": it
// gave none.
Result<std::string> checked_receipt(const nlohmann::json& answer, const Vault& vault,
                                    std::string_view client_id) {
  std::optional<std::string> text = TRY(vrm::find_string(answer, "receipt"));
  if (!text) return std::string();
  const jose::Jws jws = TRY(jose::Jws::read(*text, {.types = kReceipt}));
  const jose::JwkSet keys = TRY(jose::JwkSet::read(vault.jwks));
  const jose::VerifyingKey* key = keys.find(jws.kid(), jws.kind());
  if (key == nullptr) return Error{ErrorCode::BadKey, "the receipt is signed by a stranger"};
  TRY(jws.verify(*key));
  const nlohmann::json payload = TRY(jws.claims());
  const jose::Claims claims = TRY(jose::read_claims(payload));
  TRY(jose::check_issuer(claims, vault.issuer));
  TRY(jose::check_audience(claims, client_id));
  return *std::move(text);
}

// The last one of each grant, for whoever asks.
Result<void> keep_receipt(const Folder& folder, const std::string& grant,
                          const std::string& receipt) {
  auto kept = folder.read(kReceiptsName);
  if (!kept.ok() && kept.error().code != ErrorCode::NotFound) return kept.error();
  nlohmann::json receipts = kept.ok() ? std::move(kept).value() : nlohmann::json::object();
  if (!receipts.is_object())
    return Error{ErrorCode::Malformed, "receipts.json is not what was written"};
  receipts[grant] = receipt;
  return folder.write(kReceiptsName, receipts);
}

std::string in_words(const nlohmann::json& field) {
  if (!field.is_object() || !field.contains("value") || field["value"].is_null()) {
    return "(the owner has none)";
  }
  if (const auto document = document_in(field)) {
    return printable(document->name, 100) + " (" + printable(document->type, 60) + ", " +
           std::to_string(document->size) + " bytes; to have it: --save FILE)";
  }
  const nlohmann::json& value = field["value"];
  std::string text = printable(value.is_string() ? value.get<std::string>() : write_json(value));
  const Result<std::optional<std::string>> as_of = vrm::find_string(field, "as_of");
  if (as_of.ok() && as_of.value()) text += "   (as of " + printable(*as_of.value(), 30) + ")";
  return text;
}

Result<int> show_data(const Desk& desk, const Answer& answer, const Vault& vault) {
  if (answer.caching.find("no-store") == std::string::npos) {
    return Error{ErrorCode::Malformed, "the answer does not say no-store: it may lie in a cache"};
  }
  const nlohmann::json body = TRY(read_json(answer.body));
  const nlohmann::json* data = TRY(need_object(body, "data"));
  const std::string receipt = TRY(checked_receipt(body, vault, desk.brand.client_id()));
  for (const auto& [name, field] : data->items()) {
    say("  " + printable(name, 100) + ": " + in_words(field));
  }
  if (!receipt.empty()) {
    const std::string grant = TRY(vrm::find_string(body, "grant_id")).value_or("");
    TRY(keep_receipt(desk.folder, grant, receipt));
    say("receipt checked");
  }
  const std::string until = TRY(vrm::find_string(body, "retention_until")).value_or("");
  if (!until.empty()) say("to be deleted by " + printable(until, 30));
  return kDone;
}

// The one document among what was read, into the file that the plan names.
Result<int> save_document(VaultClient& client, const Tokens& tokens, const ReadPlan& plan,
                          const Answer& answer) {
  const nlohmann::json body = TRY(read_json(answer.body));
  const nlohmann::json* data = TRY(need_object(body, "data"));
  std::string field;
  std::optional<DocumentFacts> document;
  for (const auto& [name, value] : data->items()) {
    const std::optional<DocumentFacts> found = document_in(value);
    if (!found) continue;
    if (document) return Error{ErrorCode::Malformed, "several documents: name one with --fields"};
    document = found;
    field = name;
  }
  if (!document) return Error{ErrorCode::NotFound, "there is no document in what was granted"};
  std::optional<Answer> refusal;
  const auto source = [&](std::int64_t part) -> Result<std::string> {
    Answer bytes = TRY(client.read_part(tokens, field, part, plan.purpose));
    if (bytes.good()) return std::move(bytes.body);
    refusal = std::move(bytes);
    return Error{ErrorCode::Denied, "refused"};
  };
  const Result<void> saved = download(*document, source, plan.save);
  if (refusal) return refused(*refusal);
  TRY(Result<void>(saved));
  say("saved: " + plan.save + " (" + std::to_string(document->size) + " bytes, SHA-256 checked)");
  return kDone;
}

ReadPlan completed(ReadPlan plan, const Tokens& tokens) {
  if (plan.fields.empty()) plan.fields = tokens.fields;
  if (plan.purpose.empty()) plan.purpose = tokens.purpose;
  return plan;
}

// Which of the grants a plan is about: the one with its purpose or its first field, else the first;
// all of them when it names neither.
std::vector<std::size_t> meant(const std::vector<Tokens>& all, const ReadPlan& plan) {
  std::vector<std::size_t> which;
  if (plan.fields.empty() && plan.purpose.empty()) {
    for (std::size_t i = 0; i < all.size(); ++i) which.push_back(i);
    return which;
  }
  const auto fits = [&](const Tokens& tokens) {
    if (!plan.purpose.empty() && tokens.purpose != plan.purpose) return false;
    return plan.fields.empty() || std::find(tokens.fields.begin(), tokens.fields.end(),
                                            plan.fields.front()) != tokens.fields.end();
  };
  const auto found = std::find_if(all.begin(), all.end(), fits);
  return {found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin())};
}

Result<int> read_one(const Desk& desk, std::vector<Tokens>& all, std::size_t which,
                     const ReadPlan& plan) {
  const ReadPlan whole = completed(plan, all[which]);
  const Vault vault = TRY(vault_of(desk.folder, all[which].issuer));
  VaultClient client = TRY(VaultClient::find(desk.caller(), vault.issuer));
  const Answer answer = TRY(read_or_refresh(desk, client, all, which, whole));
  if (!answer.good()) return refused(answer);
  const int shown = TRY(show_data(desk, answer, vault));
  if (plan.save.empty()) return shown;
  return save_document(client, all[which], whole, answer);
}

// The question with that id; the last one for "".
Result<Asked> asked_as(const Folder& folder, const std::string& auth_req_id) {
  if (auth_req_id.empty()) return Asked::load(folder);
  const Vault vault = TRY(newest_vault(folder));
  Asked asked;
  asked.issuer = vault.issuer;
  asked.auth_req_id = auth_req_id;
  return asked;
}

// How long the vault wants us to wait between two polls; slow_down makes it longer for good.
Duration patience(Asked& asked, const Answer& answer) {
  if (answer.error == "slow_down") asked.interval_s += kSlowDownSeconds;
  asked.interval_s = std::clamp<std::int64_t>(asked.interval_s, 0, kLongestIntervalSeconds);
  const auto told = std::chrono::seconds(std::clamp(answer.retry_after_s, 0, 60));
  return std::max<Duration>({std::chrono::seconds(asked.interval_s), told, kShortestPause});
}

Duration until_next_poll(const Asked& asked, const Clock& clock) {
  const Duration left = asked.next_poll - clock.now();
  return std::clamp<Duration>(left, Duration(0), std::chrono::seconds(kLongestIntervalSeconds));
}

bool undecided(const Answer& answer) {
  return answer.error == "authorization_pending" || answer.error == "slow_down" ||
         answer.status == 503;
}

}  // namespace

Result<Desk> Desk::open(const std::string& path, const Clock& clock, Random& random) {
  Folder folder = TRY(Folder::open(path));
  Brand brand = TRY(Brand::load(folder));
  ShopKeys keys = TRY(ShopKeys::load_or_make(folder, random));
  return Desk{std::move(folder), std::move(keys), std::move(brand), clock, random};
}

int refused(const Answer& answer) {
  say("refused: " + answer.in_words());
  return kRefused;
}

Result<int> ask(const Desk& desk, const Wish& wish) {
  TRY(check_wish(wish));
  const Vault vault = TRY(newest_vault(desk.folder));
  VaultClient client = TRY(VaultClient::find(desk.caller(), vault.issuer));
  const Answer answer = TRY(client.ask(wish, vault.subject));
  if (!answer.good()) return refused(answer);
  const Asked asked = TRY(Asked::from_answer(answer.body, vault.issuer, wish.all()));
  TRY(asked.save(desk.folder));
  say("asked: " + printable(asked.auth_req_id, 100) + " pending");
  return kDone;
}

Result<int> collect(const Desk& desk, const std::string& auth_req_id, std::chrono::seconds wait) {
  Asked asked = TRY(asked_as(desk.folder, auth_req_id));
  VaultClient client = TRY(VaultClient::find(desk.caller(), asked.issuer));
  const Duration end = desk.clock.ticks() + wait;
  for (;;) {
    std::this_thread::sleep_for(until_next_poll(asked, desk.clock));
    const Answer answer = TRY(client.poll(asked.auth_req_id));
    if (answer.good()) return keep_tokens(desk, asked, answer);
    if (!undecided(answer)) return refused(answer);
    asked.next_poll = desk.clock.now() + patience(asked, answer);
    TRY(asked.save(desk.folder));
    if (desk.clock.ticks() + until_next_poll(asked, desk.clock) > end) return refused(answer);
  }
}

Result<int> read(const Desk& desk, const ReadPlan& plan) {
  std::vector<Tokens> all = TRY(load_tokens(desk.folder));
  int code = kDone;
  if (!plan.save.empty() && plan.fields.empty() && all.size() > 1) {
    return Error{ErrorCode::Malformed,
                 "several grants: name the document with --fields, as document.passport"};
  }
  for (const std::size_t which : meant(all, plan)) {
    const int one = TRY(read_one(desk, all, which, plan));
    if (one != kDone) code = one;
  }
  return code;
}

Result<int> show_keys(const Desk& desk, bool rotate) {
  jose::Jwk shown = desk.keys.client.jwk();
  if (rotate) {
    const ShopKey made = TRY(ShopKey::make_anew(desk.folder, kClientKeyFile, desk.random));
    shown = made.jwk();
  }
  say(std::string(rotate ? "new client key: " : "client key: ") + jose::thumbprint(shown));
  return kDone;
}

Result<int> give_back(const Desk& desk, const ReadPlan& plan) {
  std::vector<Tokens> all = TRY(load_tokens(desk.folder));
  std::vector<std::size_t> which = meant(all, plan);
  std::sort(which.rbegin(), which.rend());  // so that what is taken out moves none of the others
  for (const std::size_t each : which) {
    const Tokens tokens = all[each];
    VaultClient client = TRY(VaultClient::find(desk.caller(), tokens.issuer));
    const std::string& token =
        tokens.refresh_token.empty() ? tokens.access_token : tokens.refresh_token;
    const Answer answer = TRY(client.give_back(token));
    if (!answer.good()) return refused(answer);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(each));
    TRY(save_tokens(desk.folder, all));
    say("given back: " + printable(tokens.grant_id, 60));
  }
  return kDone;
}

Result<int> meet(const Desk& desk, const std::string& introduction) {
  Inbox inbox(desk.folder, desk.brand.client_id(), desk.clock);
  const Vault vault = TRY(inbox.take_introduction(introduction));
  say("a vault introduced itself: " + vault.issuer + ", as " + printable(vault.subject, 60));
  return kDone;
}

Result<int> misuse_stolen_token(const Desk& thief, const Folder& victim) {
  const std::vector<Tokens> kept = TRY(load_tokens(victim));
  const Tokens& stolen = kept.front();
  VaultClient client = TRY(VaultClient::find(thief.caller(), stolen.issuer));
  const Answer answer = TRY(client.read(stolen, stolen.fields, stolen.purpose));
  if (!answer.good()) return refused(answer);
  say("the theft worked");
  return kDone;
}

Result<int> misuse_replayed_proof(const Desk& desk, const ReadPlan& plan) {
  const std::vector<Tokens> all = TRY(load_tokens(desk.folder));
  const Tokens& tokens = all[meant(all, plan).front()];
  const ReadPlan whole = completed(plan, tokens);
  VaultClient client = TRY(VaultClient::find(desk.caller(), tokens.issuer));
  // The first call only fetches a nonce: the vault refuses it.
  TRY(client.read_with(client.read_proof(tokens), tokens, whole.fields, whole.purpose));
  const std::string proof = client.read_proof(tokens);
  const Answer first = TRY(client.read_with(proof, tokens, whole.fields, whole.purpose));
  say("once:  " + first.in_words());
  const Answer again = TRY(client.read_with(proof, tokens, whole.fields, whole.purpose));
  say("again: " + again.in_words());
  return again.good() ? kDone : kRefused;
}

}  // namespace vrm::shop
