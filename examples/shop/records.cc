#include "examples/shop/records.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "examples/shop/bound_token.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

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

Result<Tokens> tokens_from(const nlohmann::json& item) {
  Tokens tokens;
  tokens.issuer = TRY(need_string(item, "issuer"));
  tokens.access_token = TRY(need_string(item, "access_token"));
  tokens.refresh_token = TRY(need_string(item, "refresh_token"));
  const std::string expires = TRY(need_string(item, "expires"));
  tokens.expires = TRY(instant_from_rfc3339(expires));
  tokens.grant_id = TRY(need_string(item, "grant_id"));
  tokens.fields = TRY(need_strings(item, "fields"));
  tokens.purpose = TRY(need_string(item, "purpose"));
  return tokens;
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

Result<Vault> vault_of(const Folder& folder, std::string_view issuer) {
  const std::vector<Vault> vaults = TRY(load_vaults(folder));
  for (const Vault& vault : vaults) {
    if (vault.issuer == issuer) return vault;
  }
  return Error{ErrorCode::NotFound, "no vault at " + printable(issuer, 200)};
}

Result<Vault> newest_vault(const Folder& folder) {
  std::vector<Vault> vaults = TRY(load_vaults(folder));
  if (vaults.empty()) return Error{ErrorCode::NotFound, "no vault has introduced itself yet"};
  return std::move(vaults.back());
}

Result<Asked> Asked::from_answer(std::string_view body, std::string issuer,
                                 std::vector<std::string> fields) {
  const nlohmann::json answer = TRY(read_json(body));
  Asked asked;
  asked.issuer = std::move(issuer);
  asked.fields = std::move(fields);
  asked.auth_req_id = TRY(need_string(answer, "auth_req_id"));
  asked.interval_s = TRY(find_int(answer, "interval")).value_or(asked.interval_s);
  return asked;
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
  BoundToken token = TRY(bound_token_from(answer, now));
  const nlohmann::json* details = TRY(need_array(answer, "authorization_details"));
  if (details->size() != 1) return Error{ErrorCode::Malformed, "not exactly one granted detail"};
  Tokens tokens;
  tokens.issuer = std::move(issuer);
  tokens.access_token = std::move(token.access_token);
  tokens.refresh_token = std::move(token.refresh_token);
  tokens.expires = token.expires;
  tokens.grant_id = std::move(token.grant_id);
  tokens.fields = TRY(need_strings(details->front(), "datatypes"));
  tokens.purpose = TRY(need_string(details->front(), "purpose"));
  return tokens;
}

Result<Tokens> Tokens::refreshed_by(std::string_view body, Instant now) const {
  Tokens fresh = TRY(from_answer(body, issuer, now));
  if (fresh.refresh_token.empty()) fresh.refresh_token = refresh_token;
  return fresh;
}

Result<std::vector<Tokens>> load_tokens(const Folder& folder) {
  const nlohmann::json kept =
      TRY(or_first(folder.read("tokens.json"), "nothing was granted yet: vrm-shop collect"));
  const nlohmann::json* items = TRY(need_array(kept, "items"));
  std::vector<Tokens> all;
  for (const nlohmann::json& item : *items) {
    Tokens tokens = TRY(tokens_from(item));
    all.push_back(std::move(tokens));
  }
  if (all.empty()) return Error{ErrorCode::NotFound, "nothing was granted yet: vrm-shop collect"};
  return all;
}

Result<void> save_tokens(const Folder& folder, const std::vector<Tokens>& all) {
  nlohmann::json items = nlohmann::json::array();
  for (const Tokens& tokens : all) {
    items.push_back({{"issuer", tokens.issuer},
                     {"access_token", tokens.access_token},
                     {"refresh_token", tokens.refresh_token},
                     {"expires", to_rfc3339(tokens.expires)},
                     {"grant_id", tokens.grant_id},
                     {"fields", tokens.fields},
                     {"purpose", tokens.purpose}});
  }
  return folder.write("tokens.json", {{"items", items}});
}

}  // namespace vrm::shop
