#include "vault/jose/jws.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/base/json_text.h"

namespace vrm::jose {

namespace {

using nlohmann::json;

constexpr std::size_t kMostHeaderBytes = 2 * 1024;
constexpr std::size_t kMostHeaderLevels = 4;
constexpr std::size_t kMostPayloadLevels = 16;

Error bad_jws(std::string reason) {
  return Error{ErrorCode::Malformed, "not a signed document as expected: " + std::move(reason)};
}

struct Parts {
  std::string_view header, payload, signature;
};

Result<Parts> split(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos)
    return bad_jws("it has not three parts");
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1)};
}

Result<KeyKind> kind_of_alg(std::string_view alg) {
  if (alg == "EdDSA" || alg == "Ed25519") return KeyKind::Ed25519;
  if (alg == "ES256") return KeyKind::P256;
  return bad_jws("`alg` is not one of EdDSA, Ed25519, ES256");
}

Result<void> check_type(const json& header, std::span<const std::string_view> types) {
  const auto typ = TRY(find_string(header, "typ"));
  if (typ && typ->empty()) return bad_jws("`typ` is empty");
  if (std::find(types.begin(), types.end(), typ.value_or("")) == types.end())
    return bad_jws("it is of another `typ`");
  return {};
}

Result<HeaderRead> read_header(std::string_view encoded, const JwsRules& rules) {
  const Bytes bytes = TRY(from_base64url(encoded));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  HeaderRead read{.encoded = std::string(encoded)};
  const json header = TRY(read_json(text, {.bytes = kMostHeaderBytes, .depth = kMostHeaderLevels}));
  TRY(check_type(header, rules.types));
  const auto alg = TRY(need_string(header, "alg"));
  read.kind = TRY(kind_of_alg(alg));
  for (const char* name : {"crit", "b64", "jku", "x5u", "x5c"})
    if (header.contains(name)) return bad_jws("its header has `" + std::string(name) + "`");
  auto kid = TRY(find_string(header, "kid"));
  if (kid && (kid->empty() || kid->size() > kMostKidBytes))
    return bad_jws("`kid` is empty or too long");
  read.kid = std::move(kid).value_or("");
  if (rules.key == KeyPlace::Ours) {
    if (header.contains("jwk")) return bad_jws("its header has `jwk`");
    return read;
  }
  const json* jwk = TRY(need_object(header, "jwk"));
  read.jwk = TRY(read_jwk(*jwk));
  if (read.jwk->kind != read.kind) return bad_jws("`jwk` does not fit `alg`");
  read.thumbprint = thumbprint(*read.jwk);
  return read;
}

// Its members in the order of their names, as write_json has them.
std::string header_text(const JwsHeader& header) {
  std::string text = R"({"alg":"EdDSA")";
  if (header.jwk != nullptr) {
    json jwk = write_jwk(*header.jwk);
    jwk.erase("use");
    jwk.erase("kid");
    text += R"(,"jwk":)" + write_json(jwk);
  }
  if (!header.kid.empty()) append_json_member(text, "kid", header.kid);
  append_json_member(text, "typ", header.typ);
  return text + '}';
}

}  // namespace

Result<Jws> Jws::read(std::string_view text, const JwsRules& rules) {
  if (text.size() > rules.most_bytes)
    return bad_jws("more than " + std::to_string(rules.most_bytes) + " bytes");
  const Parts parts = TRY(split(text));
  Jws made;
  made.signature_ = TRY(from_base64url(parts.signature));
  if (made.signature_.size() != crypto::kSignatureBytes)
    return bad_jws("its signature is not 64 bytes");
  if (rules.known != nullptr && rules.known->encoded == parts.header) {
    made.header_ = rules.known;
  } else {
    HeaderRead header = TRY(read_header(parts.header, rules));
    made.header_ = std::make_shared<const HeaderRead>(std::move(header));
  }
  made.payload_ = TRY(from_base64url(parts.payload));
  made.signed_ = text.substr(0, parts.header.size() + 1 + parts.payload.size());
  return made;
}

const Jwk& Jws::jwk() const {
  VRM_CHECK(header_->jwk.has_value());
  return *header_->jwk;
}

Result<void> Jws::verify(const VerifyingKey& key) const {
  if (key.kind() != header_->kind || !key.verify(bytes_of(signed_), signature_))
    return Error{ErrorCode::BadKey, "the signature is not by the key that should have signed"};
  return {};
}

Result<json> Jws::claims() const {
  // How many bytes there may be was read()'s question.
  json claims = TRY(read_json({reinterpret_cast<const char*>(payload_.data()), payload_.size()},
                              {.bytes = payload_.size(), .depth = kMostPayloadLevels}));
  if (!claims.is_object()) return bad_jws("its payload is no object");
  return claims;
}

std::string sign_jws(const crypto::SigningKey& key, const JwsHeader& header,
                     std::string_view payload) {
  std::string text = to_base64url(bytes_of(header_text(header)));
  text += '.';
  text += to_base64url(bytes_of(payload));
  const auto signature = key.sign(bytes_of(text));
  text += '.';
  text += to_base64url(signature);
  return text;
}

}  // namespace vrm::jose
