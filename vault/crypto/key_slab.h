#pragma once
// Many 32-byte keys in a few guarded, locked pages (libsodium's sodium_malloc), found by their id.
//
//   page = 128 places of 32 bytes, between guard pages, locked where the system allows it, out of
//   core files
//
// A place is wiped when its key goes. A Secret per key would cost three pages and 26 us each.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "vault/base/bytes.h"

namespace vrm::crypto {

// Ids are random, so some of their bits are a good hash.
struct KeyIdHash {
  std::size_t operator()(const std::array<std::uint8_t, 16>& id) const;
};

class KeySlab {
 public:
  using KeyId = std::array<std::uint8_t, 16>;
  static constexpr std::size_t kKeyBytes = 32;

  // A place of zero bytes for the key, to be filled; the present one when the id is there.
  std::span<std::uint8_t, kKeyBytes> add(const KeyId& id);

  // Empty: not here. The view lives until the key goes.
  BytesView find(const KeyId& id) const;
  bool contains(const KeyId& id) const { return places_.contains(id); }
  std::size_t size() const { return places_.size(); }
  // Whether the system keeps every page out of the swap.
  bool is_locked() const { return locked_; }

  // Wipe. An id that is not here changes nothing.
  void remove(const KeyId& id);
  void keep_only(const std::vector<KeyId>& kept);
  void clear();

 private:
  struct Release {
    void operator()(std::uint8_t* page) const;
  };
  using Page = std::unique_ptr<std::uint8_t[], Release>;

  static constexpr std::size_t kKeysPerPage = 128;

  std::uint8_t* at(std::size_t place) const;

  std::vector<Page> pages_;
  bool locked_ = true;
  std::vector<std::size_t> free_;
  std::unordered_map<KeyId, std::size_t, KeyIdHash> places_;
};

}  // namespace vrm::crypto
