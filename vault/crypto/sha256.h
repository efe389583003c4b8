#pragma once
// SHA-256, HMAC-SHA-256 and a comparison that takes as long whichever bytes differ (libsodium).

#include <array>
#include <cstdint>
#include <memory>

#include "vault/base/bytes.h"
#include "vault/crypto/secret.h"

struct evp_md_ctx_st;

namespace vrm::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(BytesView bytes);

// The same of bytes that come one part after another.
class Sha256Sum {
 public:
  Sha256Sum();
  void add(BytesView bytes);
  // Of all that was added. Nothing is added behind it.
  Sha256 finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// A keyed hash that only a holder of `key` can make. REQUIRES: key holds 32 bytes.
Sha256 hmac_sha256(const Secret& key, BytesView bytes);

// True when both hold the same bytes; only their lengths can be told from the time it takes.
bool same_bytes(BytesView a, BytesView b);

}  // namespace vrm::crypto
