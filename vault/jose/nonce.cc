#include "vault/jose/nonce.h"

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/crypto/sha256.h"

namespace vrm::jose {

namespace {

constexpr std::size_t kNonceBytes = 16;

std::int64_t turn_of(Duration ticks) {
  return ticks / kNonceTurn;
}

}  // namespace

DpopNonces::DpopNonces(crypto::Secret key) : key_(std::move(key)) {
  VRM_CHECK(key_.bytes().size() == kNonceKeyBytes);
}

std::string DpopNonces::current(std::string_view issuer, Duration ticks) const {
  return pair_of(issuer, turn_of(ticks)).nonces[0];
}

std::array<std::string, 2> DpopNonces::accepted(std::string_view issuer, Duration ticks) const {
  return pair_of(issuer, turn_of(ticks)).nonces;
}

DpopNonces::Pair DpopNonces::pair_of(std::string_view issuer, std::int64_t turn) const {
  {
    const std::lock_guard lock(mutex_);
    if (last_.turn == turn && last_.issuer == issuer) return last_;
  }
  Pair made{std::string(issuer), turn, {of_turn(issuer, turn), of_turn(issuer, turn - 1)}};
  const std::lock_guard lock(mutex_);
  last_ = made;
  return made;
}

std::string DpopNonces::of_turn(std::string_view issuer, std::int64_t turn) const {
  const std::string input = std::to_string(turn) + '|' + std::string(issuer);
  const auto mac = crypto::hmac_sha256(key_, bytes_of(input));
  return to_base64url(BytesView(mac).first(kNonceBytes));
}

}  // namespace vrm::jose
