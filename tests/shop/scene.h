#pragma once
// What the shop's tests stand on: a folder that goes away, a clock that stands still, a vault's
// key.

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "examples/shop/folder.h"
#include "vault/base/clock.h"
#include "vault/base/json.h"
#include "vault/crypto/signing.h"
#include "vault/crypto/system_random.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"

namespace vrm::testing {

inline constexpr const char* kClientId = "https://velo.example/vrm-brand.json";
inline constexpr const char* kIssuer = "https://vault.example/v/Yk3vQ2x1b0E";

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-shop.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  shop::Folder folder() const { return shop::Folder::open(path_).value(); }

 private:
  std::filesystem::path path_;
};

class StoppedClock final : public Clock {
 public:
  Instant now() const override { return {1795283771000}; }
  Duration ticks() const override { return Duration(0); }
};

// A clock that goes where the test puts it.
class MovableClock final : public Clock {
 public:
  Instant now() const override { return {ms_.load()}; }
  Duration ticks() const override { return Duration(ms_.load()); }
  void pass(Duration by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_ = 1795283771000;
};

class VaultKey {
 public:
  nlohmann::json jwks() const {
    const jose::Jwk jwk = jose::jwk_of(key_.public_key());
    return jose::write_jwk_set({&jwk, 1});
  }
  std::string sign(std::string_view type, const nlohmann::json& claims) const {
    const std::string kid = jose::jwk_of(key_.public_key()).kid;
    return jose::sign_jws(key_, {.typ = type, .kid = kid}, write_json(claims));
  }

 private:
  crypto::SystemRandom random_;
  crypto::SigningKey key_ = crypto::SigningKey::random(random_);
};

}  // namespace vrm::testing
