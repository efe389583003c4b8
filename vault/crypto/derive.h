#pragma once
// A key made from another for one named use: BLAKE2b-256(key; "vrm.derive.1" | length of use | use
// | context). Two uses, or two contexts, give keys that tell nothing of each other.

#include <cstdint>
#include <span>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/crypto/secret.h"

namespace vrm::crypto {

// 32 bytes. REQUIRES: key holds 32 bytes; use has 1 to 255.
Secret derive_key(BytesView key, std::string_view use, BytesView context = {});

// The same into memory that is there, which may be the key's own.
void derive_into(std::span<std::uint8_t, 32> out, BytesView key, std::string_view use,
                 BytesView context = {});

}  // namespace vrm::crypto
