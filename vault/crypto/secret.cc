#include "vault/crypto/secret.h"

#include <sodium.h>

#include <algorithm>

#include "vault/base/check.h"

namespace vrm::crypto {

void Secret::Wipe::operator()(std::uint8_t* data) const {
  sodium_free(data);
}

Secret Secret::zeros(std::size_t size) {
  VRM_CHECK(sodium_init() >= 0);
  auto* data = static_cast<std::uint8_t*>(sodium_malloc(size));
  VRM_CHECK(data != nullptr);
  std::fill_n(data, size, std::uint8_t{0});
  // sodium_malloc locks as well, and does not tell whether it could.
  return Secret(data, size, sodium_mlock(data, size) == 0);
}

Secret Secret::random(std::size_t size) {
  VRM_CHECK(size > 0);
  Secret made = zeros(size);
  randombytes_buf(made.data_.get(), size);
  return made;
}

Secret Secret::random(std::size_t size, Random& source) {
  VRM_CHECK(size > 0);
  Secret made = zeros(size);
  source.fill(made.writable());
  return made;
}

Secret Secret::copy_of(BytesView bytes) {
  Secret made = zeros(bytes.size());
  std::copy(bytes.begin(), bytes.end(), made.data_.get());
  return made;
}

bool Secret::equals(BytesView other) const {
  return other.size() == size_ && sodium_memcmp(data_.get(), other.data(), size_) == 0;
}

void wipe(std::span<std::uint8_t> bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace vrm::crypto
