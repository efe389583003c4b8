#pragma once
// Bytes that are wiped when they die: an opened cell on its way out. Cheaper than a Secret, and not
// in locked memory: for what lives for one answer, not for keys.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/crypto/secret.h"

namespace vrm::crypto {

class WipedBytes {
 public:
  WipedBytes() = default;
  explicit WipedBytes(std::size_t size) : bytes_(size) {}
  explicit WipedBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  WipedBytes(WipedBytes&&) noexcept = default;
  WipedBytes& operator=(WipedBytes&& other) noexcept {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    return *this;
  }
  WipedBytes(const WipedBytes&) = delete;
  WipedBytes& operator=(const WipedBytes&) = delete;
  ~WipedBytes() { wipe(bytes_); }

  // The views die with the object.
  BytesView view() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  // Only to a smaller size.
  void shrink(std::size_t size) {
    VRM_CHECK(size <= bytes_.size());
    wipe(std::span(bytes_).subspan(size));
    bytes_.resize(size);
  }

 private:
  Bytes bytes_;
};

}  // namespace vrm::crypto
