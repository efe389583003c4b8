#pragma once
// BLAKE2b-256 (RFC 7693, libsodium), plain and keyed, over the parts one after another.
// Parts are joined without a mark: only one of them may have a length that varies, or its length is
// a part as well.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "vault/base/bytes.h"

namespace vrm::crypto {

inline constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<std::uint8_t, kDigestBytes>;

Digest hash(std::initializer_list<BytesView> parts);

// REQUIRES: key holds 32 bytes.
Digest keyed_hash(BytesView key, std::initializer_list<BytesView> parts);
// The same into memory that is there: for a result that is a key itself.
void keyed_hash_into(std::span<std::uint8_t, kDigestBytes> out, BytesView key,
                     std::initializer_list<BytesView> parts);

}  // namespace vrm::crypto
