#pragma once
// Secret is a run of bytes that must not leak: keys, passphrases.
//
// The bytes live in guarded memory, locked where the system allows it, and are wiped when the Secret dies.
// A Secret moves but never copies, so at any moment one owner holds it; clone() is a copy one can search for.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "vault/base/bytes.h"
#include "vault/base/random.h"

namespace vrm::crypto {

class Secret {
 public:
  // Makes a Secret of `size` random bytes. REQUIRES: size > 0.
  static Secret random(std::size_t size);
  static Secret random(std::size_t size, Random& source);
  // Copies `bytes` in; the caller wipes its own. An empty Secret is allowed.
  static Secret copy_of(BytesView bytes);
  // A Secret of `size` zero bytes, to be filled through writable().
  static Secret zeros(std::size_t size);

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  Secret clone() const { return copy_of(bytes()); }

  // The views die with the Secret.
  BytesView bytes() const { return {data_.get(), size_}; }
  std::span<std::uint8_t> writable() { return {data_.get(), size_}; }

  // Whether the system keeps it out of the swap.
  bool is_locked() const { return locked_; }

  // Takes as long whichever bytes differ.
  bool equals(BytesView other) const;

 private:
  struct Wipe {
    void operator()(std::uint8_t* data) const;
  };

  Secret(std::uint8_t* data, std::size_t size, bool locked)
      : data_(data), size_(size), locked_(locked) {}

  std::unique_ptr<std::uint8_t[], Wipe> data_;
  std::size_t size_;
  bool locked_;
};

// Overwrites memory that held something secret, in a way the compiler keeps.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace vrm::crypto
