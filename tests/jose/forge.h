#pragma once
// What the tests of this room share: keys, a clock set by hand, and documents forged letter by
// letter.

#include <string>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/crypto/signing.h"

namespace vrm::test {

// Bytes that count up from `next`: each draw differs from the one before.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

class ManualClock final : public Clock {
 public:
  Instant now() const override { return wall; }
  Duration ticks() const override { return elapsed; }

  Instant wall{};
  Duration elapsed{};
};

inline crypto::SigningKey key_of(std::uint8_t fill) {
  return crypto::SigningKey(crypto::Secret::copy_of(Bytes(crypto::kSigningSeedBytes, fill)));
}

inline std::string b64(std::string_view text) {
  return to_base64url(bytes_of(text));
}

// A compact JWS of exactly these texts.
inline std::string forge(std::string_view header, std::string_view payload,
                         const crypto::SigningKey& key) {
  std::string text = b64(header) + '.' + b64(payload);
  const auto signature = key.sign(bytes_of(text));
  return text + '.' + to_base64url(signature);
}

// `text` with the first `from` in it become `to`. REQUIRES: there is one.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  VRM_CHECK(at != text.npos);
  return text.replace(at, from.size(), to);
}

inline std::string without_signature(const std::string& jws) {
  return jws.substr(0, jws.rfind('.') + 1);
}

}  // namespace vrm::test
