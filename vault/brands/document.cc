#include "vault/brands/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/brands/address.h"
#include "vault/crypto/sha256.h"
#include "vault/jose/jwk.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kMostNameScalars = 80;

Error wrong(std::string_view why) {
  return refusal(ErrorCode::Malformed, "brand.bad_document", {{"why", std::string(why)}});
}

Error worded(const Error& error) {
  return wrong(error.message);
}

// The member as an address of the same origin as the document, or "" when it is absent.
Result<std::string> endpoint(const nlohmann::json& object, std::string_view member,
                             const Address& home) {
  const auto found = find_string(object, member);
  if (!found.ok()) return worded(found.error());
  if (!found.value()) return std::string();
  const auto address = address_of(*found.value());
  if (!address) return wrong("`" + std::string(member) + "` is no address");
  if (address->origin() != home.origin())
    return wrong("`" + std::string(member) + "` is not at " + home.origin());
  return *found.value();
}

Result<Address> client_address(std::string_view client_id, PlainHttp plain_http) {
  const auto address = address_of(client_id);
  if (!address) return wrong("`client_id` is no address");
  const bool plain_allowed = plain_http == PlainHttp::OnLoopback && is_loopback(*address);
  if (address->scheme != "https" && !plain_allowed)
    return wrong("`client_id` must begin with https");
  return *address;
}

Result<void> read_keys(const nlohmann::json& json, const Address& home, Document& document) {
  document.jwks_uri = TRY(endpoint(json, "jwks_uri", home));
  const bool brings_keys = json.contains("jwks");
  if (brings_keys != document.jwks_uri.empty())
    return wrong("one of `jwks` and `jwks_uri` is needed");
  if (brings_keys) document.jwks = TRY(usable_keys(write_json(json["jwks"])));
  return {};
}

}  // namespace

Result<Document> read_document(std::string_view text, PlainHttp plain_http) {
  const auto read = read_json(text);
  if (!read.ok()) return worded(read.error());
  const auto& json = read.value();
  const auto client_id = need_string(json, "client_id");
  if (!client_id.ok()) return worded(client_id.error());
  const auto name = need_string(json, "client_name");
  if (!name.ok()) return worded(name.error());
  Document document;
  document.client_id = client_id.value();
  const Address home = TRY(client_address(document.client_id, plain_http));
  document.host = home.host_and_port();
  document.name = printable(name.value(), kMostNameScalars);
  if (document.name.empty()) return wrong("`client_name` is empty");
  TRY(read_keys(json, home, document));
  if (!json.contains("vrm")) return document;
  const auto vrm = need_object(json, "vrm");
  if (!vrm.ok()) return worded(vrm.error());
  document.introduction_endpoint = TRY(endpoint(*vrm.value(), "introduction_endpoint", home));
  document.event_endpoint = TRY(endpoint(*vrm.value(), "event_endpoint", home));
  document.intent_endpoint = TRY(endpoint(*vrm.value(), "intent_endpoint", home));
  document.mailbox_endpoint = TRY(endpoint(*vrm.value(), "mailbox_endpoint", home));
  auto facts = read_facts(*vrm.value());
  if (!facts.ok()) return worded(facts.error());
  document.facts = std::move(facts).value();
  return document;
}

Result<std::string> usable_keys(std::string_view jwks) {
  const auto set = jose::JwkSet::read(jwks);
  if (!set.ok()) return worded(set.error());
  if (set.value().members().empty()) return wrong("no Ed25519 or P-256 key");
  std::vector<jose::Jwk> keys;
  for (const auto& member : set.value().members()) keys.push_back(member.jwk);
  return write_json(jose::write_jwk_set(keys));
}

std::string fingerprint_of(std::string_view jwks) {
  const auto set = jose::JwkSet::read(jwks);
  VRM_CHECK(set.ok());
  std::vector<std::string> thumbprints;
  for (const auto& member : set.value().members())
    thumbprints.push_back(jose::thumbprint(member.jwk));
  std::sort(thumbprints.begin(), thumbprints.end());
  std::string all;
  for (const auto& thumbprint : thumbprints) all += thumbprint + "\n";
  return "SHA256:" + to_base64url(crypto::sha256(bytes_of(all)));
}

}  // namespace vrm::brands
