#include "vault/jose/jwk.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "vault/base/json.h"
#include "vault/crypto/sha256.h"

namespace vrm::jose {

namespace {

using nlohmann::json;

Error bad_key(std::string reason) {
  return Error{ErrorCode::Malformed, "not a public key: " + std::move(reason)};
}

// RSA's other private members come only together with `d`.
Result<void> check_is_public(const json& object) {
  for (const char* name : {"d", "k", "p", "q", "dp", "dq", "qi", "oth"})
    if (object.contains(name))
      return bad_key("it carries the secret or symmetric part `" + std::string(name) + "`");
  return {};
}

// Nothing: a kind of key that we do not use.
std::optional<KeyKind> kind_of(std::string_view kty, std::string_view crv) {
  if (kty == "OKP" && crv == "Ed25519") return KeyKind::Ed25519;
  if (kty == "EC" && crv == "P-256") return KeyKind::P256;
  return std::nullopt;
}

bool alg_fits(std::string_view alg, KeyKind kind) {
  return kind == KeyKind::P256 ? alg == "ES256" : alg == "EdDSA" || alg == "Ed25519";
}

Result<void> read_coordinate(const json& object, std::string_view name,
                             std::array<std::uint8_t, 32>& out) {
  const std::string text = TRY(need_string(object, name));
  const Bytes bytes = TRY(from_base64url(text));
  if (bytes.size() != out.size()) return bad_key("`" + std::string(name) + "` is not 32 bytes");
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return {};
}

Result<void> check_usage(const json& object, KeyKind kind) {
  const auto alg = TRY(find_string(object, "alg"));
  if (alg && !alg_fits(*alg, kind)) return bad_key("`alg` does not fit the key");
  const auto use = TRY(find_string(object, "use"));
  if (use && *use != "sig") return bad_key("`use` is not sig");
  const auto operations = TRY(find_strings(object, "key_ops"));
  if (operations &&
      std::find(operations->begin(), operations->end(), "verify") == operations->end())
    return bad_key("`key_ops` is without verify");
  return {};
}

// True for a member of a set that is well made but for something else than verifying with our
// kinds.
Result<bool> is_foreign(const json& object) {
  const auto kty = TRY(need_string(object, "kty"));
  const auto crv = TRY(find_string(object, "crv"));
  if (!kind_of(kty, crv.value_or(""))) return true;
  const auto use = TRY(find_string(object, "use"));
  return use && *use != "sig";
}

Result<JwkSet::Member> read_member(const json& object) {
  Jwk jwk = TRY(read_jwk(object));
  VerifyingKey key = TRY(VerifyingKey::from(jwk));
  if (jwk.kind == KeyKind::Ed25519 && !crypto::is_ed25519_key(jwk.x))
    return bad_key("it is not a point of Ed25519");
  return JwkSet::Member{std::move(jwk), std::move(key)};
}

}  // namespace

Jwk jwk_of(const crypto::PublicKey& key) {
  Jwk made{.kind = KeyKind::Ed25519, .x = key, .y = {}, .kid = {}};
  made.kid = thumbprint(made);
  return made;
}

Result<Jwk> read_jwk(const json& object) {
  const auto kty = TRY(need_string(object, "kty"));
  const auto crv = TRY(need_string(object, "crv"));
  const auto kind = kind_of(kty, crv);
  if (!kind) return bad_key("its kind is neither Ed25519 nor P-256");
  TRY(check_is_public(object));
  TRY(check_usage(object, *kind));
  Jwk key{.kind = *kind, .x = {}, .y = {}, .kid = {}};
  TRY(read_coordinate(object, "x", key.x));
  if (key.kind == KeyKind::P256)
    TRY(read_coordinate(object, "y", key.y));
  else if (object.contains("y"))
    return bad_key("an Ed25519 key has no `y`");
  const auto kid = TRY(find_string(object, "kid"));
  if (kid && (kid->empty() || kid->size() > kMostKidBytes))
    return bad_key("`kid` is empty or too long");
  key.kid = kid.value_or("");
  return key;
}

json write_jwk(const Jwk& key) {
  json object = json::object();
  object["x"] = to_base64url(key.x);
  object["use"] = "sig";
  object["kty"] = key.kind == KeyKind::P256 ? "EC" : "OKP";
  object["crv"] = key.kind == KeyKind::P256 ? "P-256" : "Ed25519";
  if (key.kind == KeyKind::P256) object["y"] = to_base64url(key.y);
  if (!key.kid.empty()) object["kid"] = key.kid;
  return object;
}

json write_jwk_set(std::span<const Jwk> keys) {
  json list = json::array();
  for (const Jwk& key : keys) list.push_back(write_jwk(key));
  json set = json::object();
  set["keys"] = std::move(list);
  return set;
}

std::string thumbprint(const Jwk& key) {
  std::string text;
  if (key.kind == KeyKind::P256)
    text = R"({"crv":"P-256","kty":"EC","x":")" + to_base64url(key.x) + R"(","y":")" +
           to_base64url(key.y) + R"("})";
  else
    text = R"({"crv":"Ed25519","kty":"OKP","x":")" + to_base64url(key.x) + R"("})";
  return to_base64url(crypto::sha256(bytes_of(text)));
}

Result<VerifyingKey> VerifyingKey::from(const Jwk& key) {
  if (key.kind == KeyKind::Ed25519) return VerifyingKey(key.x);
  return VerifyingKey(TRY(crypto::Es256Key::from_point(key.x, key.y)));
}

bool VerifyingKey::verify(BytesView message, BytesView signature) const {
  if (const auto* ed25519 = std::get_if<crypto::PublicKey>(&key_))
    return crypto::verify_ed25519(*ed25519, message, signature);
  return std::get<crypto::Es256Key>(key_).verify(message, signature);
}

Result<JwkSet> JwkSet::read(std::string_view text) {
  const json set = TRY(read_json(text));
  return from(set);
}

Result<JwkSet> JwkSet::from(const json& set) {
  const json* list = TRY(need_array(set, "keys"));
  if (list->size() > kMostKeysInSet)
    return bad_key("a set of more than " + std::to_string(kMostKeysInSet));
  JwkSet made;
  std::set<std::string> kids;
  for (const json& object : *list) {
    if (!object.is_object()) return bad_key("a member of the set is no object");
    TRY(check_is_public(object));
    const auto kid = TRY(find_string(object, "kid"));
    if (kid && !kids.insert(*kid).second) return bad_key("two keys of one `kid`");
    const bool foreign = TRY(is_foreign(object));
    if (!foreign) made.members_.push_back(TRY(read_member(object)));
  }
  return made;
}

const VerifyingKey* JwkSet::find(std::string_view kid, KeyKind kind) const {
  const VerifyingKey* found = nullptr;
  for (const Member& member : members_) {
    if (member.jwk.kind != kind || (!kid.empty() && member.jwk.kid != kid)) continue;
    if (found != nullptr) return nullptr;
    found = &member.key;
  }
  return found;
}

}  // namespace vrm::jose
