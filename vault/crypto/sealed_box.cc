#include "vault/crypto/sealed_box.h"

#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(kSealedBoxOverheadBytes == crypto_box_SEALBYTES);
static_assert(sizeof(BoxPublicKey) == crypto_box_PUBLICKEYBYTES);

BoxKeyPair box_key_pair(const Secret& seed) {
  VRM_CHECK(seed.bytes().size() == crypto_box_SEEDBYTES);
  BoxKeyPair pair{{}, Secret::zeros(crypto_box_SECRETKEYBYTES)};
  VRM_CHECK(crypto_box_seed_keypair(pair.public_key.data(), pair.secret_key.writable().data(),
                                    seed.bytes().data()) == 0);
  return pair;
}

Bytes seal_to(const BoxPublicKey& reader, BytesView plain) {
  VRM_CHECK(sodium_init() >= 0);
  Bytes box(plain.size() + kSealedBoxOverheadBytes);
  VRM_CHECK(crypto_box_seal(box.data(), plain.data(), plain.size(), reader.data()) == 0);
  return box;
}

Result<Bytes> open_sealed(const BoxKeyPair& reader, BytesView box) {
  if (box.size() < kSealedBoxOverheadBytes)
    return Error{ErrorCode::Corrupt, "sealed box does not open"};
  Bytes plain(box.size() - kSealedBoxOverheadBytes);
  if (crypto_box_seal_open(plain.data(), box.data(), box.size(), reader.public_key.data(),
                           reader.secret_key.bytes().data()) != 0) {
    return Error{ErrorCode::Corrupt, "sealed box does not open"};
  }
  return plain;
}

}  // namespace vrm::crypto
