#pragma once
// The 16 bytes of a recovery slot as twelve words that a person writes down: BIP-39, its English list. 128 random bits
// and the first 4 of their SHA-256 make twelve numbers of 11 bits, each a word of the list of 2048.

#include "vault/base/result.h"
#include "vault/crypto/secret.h"
#include "vault/store/slots.h"

namespace vrm::store {

inline constexpr std::size_t kRecoveryWords = 12;

// Lower case, one blank between two. REQUIRES: kRecoveryBytes bytes.
crypto::Secret words_of(const crypto::Secret& bytes);

// The bytes of words as a person types them: in any case, with numbers, dots and line ends between; a word of four
// letters or more may be cut short, for the first four tell it apart. What is wrong is told without a word of it.
// Malformed: recovery.count, recovery.unknown_word (the gap `n` says which), recovery.checksum.
Result<crypto::Secret> bytes_from_words(const crypto::Secret& typed);

}  // namespace vrm::store
