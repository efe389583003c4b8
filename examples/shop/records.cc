#include "examples/shop/records.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"

namespace vrm::shop {
namespace {

constexpr std::int64_t kLongestTokenSeconds = 24 * 60 * 60;

// The same error, with what a person should do first.
template <typename T>
Result<T> or_first(Result<T> kept, std::string_view what) {
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) {
    return Error{ErrorCode::NotFound, std::string(what)};
  }
  return kept;
}

Result<Instant> instant_in(const nlohmann::json& kept, std::string_view name) {
  const std::string text = TRY(need_string(kept, name));
  return instant_from_rfc3339(text);
}

Result<Vault> vault_from(const nlohmann::json& item) {
  Vault vault;
  vault.issuer = TRY(need_string(item, "issuer"));
  vault.subject = TRY(need_string(item, "subject"));
  vault.reference = TRY(need_string(item, "reference"));
  vault.jwks = write_json(*TRY(need_object(item, "jwks")));
  return vault;
}

}  // namespace

Result<Brand> Brand::load(const Folder& folder) {
  const nlohmann::json kept =
      TRY(or_first(folder.read("brand.json"), "the shop was never opened: vrm-shop serve"));
  Brand brand;
  brand.name = TRY(need_string(kept, "name"));
  brand.base = TRY(need_string(kept, "base"));
  return brand;
}

Result<void> Brand::save(const Folder& folder) const {
  return folder.write("brand.json", {{"name", name}, {"base", base}});
}

Result<std::vector<Vault>> load_vaults(const Folder& folder) {
  std::vector<Vault> vaults;
  const Result<nlohmann::json> kept = folder.read("vaults.json");
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return vaults;
  if (!kept.ok()) return kept.error();
  const nlohmann::json* items = TRY(need_array(kept.value(), "items"));
  for (const nlohmann::json& item : *items) vaults.push_back(TRY(vault_from(item)));
  return vaults;
}

Result<void> save_vaults(const Folder& folder, const std::vector<Vault>& vaults) {
  nlohmann::json items = nlohmann::json::array();
  for (const Vault& vault : vaults) {
    const nlohmann::json jwks = TRY(read_json(vault.jwks));
    items.push_back({{"issuer", vault.issuer},
                     {"subject", vault.subject},
                     {"reference", vault.reference},
                     {"jwks", jwks}});
  }
  return folder.write("vaults.json", {{"items", items}});
}

Result<Asked> Asked::load(const Folder& folder) {
  const nlohmann::json kept =
      TRY(or_first(folder.read("ask.json"), "nothing was asked: vrm-shop ask"));
  Asked asked;
  asked.issuer = TRY(need_string(kept, "issuer"));
  asked.auth_req_id = TRY(need_string(kept, "auth_req_id"));
  asked.interval_s = TRY(need_int(kept, "interval"));
  asked.next_poll = TRY(instant_in(kept, "next_poll"));
  asked.fields = TRY(need_strings(kept, "fields"));
  return asked;
}

Result<void> Asked::save(const Folder& folder) const {
  return folder.write("ask.json", {{"issuer", issuer},
                                   {"auth_req_id", auth_req_id},
                                   {"interval", interval_s},
                                   {"next_poll", to_rfc3339(next_poll)},
                                   {"fields", fields}});
}

Result<Tokens> Tokens::from_answer(std::string_view body, std::string issuer, Instant now) {
  const nlohmann::json answer = TRY(read_json(body));
  const std::string type = TRY(need_string(answer, "token_type"));
  // A token that is bound to no key would be anybody's.
  if (type != "DPoP") return Error{ErrorCode::Malformed, "the token is not bound to our key"};
  const nlohmann::json* details = TRY(need_array(answer, "authorization_details"));
  if (details->size() != 1) return Error{ErrorCode::Malformed, "not exactly one granted detail"};
  Tokens tokens;
  tokens.issuer = std::move(issuer);
  tokens.access_token = TRY(need_string(answer, "access_token"));
  tokens.refresh_token = TRY(find_string(answer, "refresh_token")).value_or("");
  const std::int64_t seconds = TRY(need_int(answer, "expires_in"));
  if (seconds < 0 || seconds > kLongestTokenSeconds) {
    return Error{ErrorCode::Malformed, "`expires_in` is out of bounds"};
  }
  tokens.expires = now + std::chrono::seconds(seconds);
  tokens.grant_id = TRY(need_string(answer, "grant_id"));
  tokens.fields = TRY(need_strings(details->front(), "datatypes"));
  tokens.purpose = TRY(need_string(details->front(), "purpose"));
  return tokens;
}

Result<Tokens> Tokens::refreshed_by(std::string_view body, Instant now) const {
  Tokens fresh = TRY(from_answer(body, issuer, now));
  if (fresh.refresh_token.empty()) fresh.refresh_token = refresh_token;
  return fresh;
}

Result<Tokens> Tokens::load(const Folder& folder) {
  const nlohmann::json kept =
      TRY(or_first(folder.read("tokens.json"), "nothing was granted yet: vrm-shop collect"));
  Tokens tokens;
  tokens.issuer = TRY(need_string(kept, "issuer"));
  tokens.access_token = TRY(need_string(kept, "access_token"));
  tokens.refresh_token = TRY(need_string(kept, "refresh_token"));
  tokens.expires = TRY(instant_in(kept, "expires"));
  tokens.grant_id = TRY(need_string(kept, "grant_id"));
  tokens.fields = TRY(need_strings(kept, "fields"));
  tokens.purpose = TRY(need_string(kept, "purpose"));
  return tokens;
}

Result<void> Tokens::save(const Folder& folder) const {
  return folder.write("tokens.json", {{"issuer", issuer},
                                      {"access_token", access_token},
                                      {"refresh_token", refresh_token},
                                      {"expires", to_rfc3339(expires)},
                                      {"grant_id", grant_id},
                                      {"fields", fields},
                                      {"purpose", purpose}});
}

}  // namespace vrm::shop
