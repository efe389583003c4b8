#include "vault/crypto/key_slab.h"

#include <sodium.h>

#include <cstring>
#include <unordered_set>

#include "vault/base/check.h"

namespace vrm::crypto {

std::size_t KeyIdHash::operator()(const std::array<std::uint8_t, 16>& id) const {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, id.data(), 8);
  std::memcpy(&high, id.data() + 8, 8);
  return static_cast<std::size_t>(low ^ (high * 0x9E3779B97F4A7C15ULL));
}

void KeySlab::Release::operator()(std::uint8_t* page) const {
  sodium_free(page);
}

std::uint8_t* KeySlab::at(std::size_t place) const {
  return pages_[place / kKeysPerPage].get() + (place % kKeysPerPage) * kKeyBytes;
}

std::span<std::uint8_t, KeySlab::kKeyBytes> KeySlab::add(const KeyId& id) {
  const auto found = places_.find(id);
  if (found != places_.end())
    return std::span<std::uint8_t, kKeyBytes>(at(found->second), kKeyBytes);
  if (free_.empty()) {
    VRM_CHECK(sodium_init() >= 0);
    auto* page = static_cast<std::uint8_t*>(sodium_malloc(kKeysPerPage * kKeyBytes));
    VRM_CHECK(page != nullptr);
    sodium_memzero(page, kKeysPerPage * kKeyBytes);
    locked_ = sodium_mlock(page, kKeysPerPage * kKeyBytes) == 0 && locked_;
    pages_.emplace_back(page);
    for (std::size_t i = kKeysPerPage; i > 0; --i)
      free_.push_back((pages_.size() - 1) * kKeysPerPage + i - 1);
  }
  const std::size_t place = free_.back();
  free_.pop_back();
  places_.emplace(id, place);
  return std::span<std::uint8_t, kKeyBytes>(at(place), kKeyBytes);
}

BytesView KeySlab::find(const KeyId& id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return {};
  return {at(found->second), kKeyBytes};
}

void KeySlab::remove(const KeyId& id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  sodium_memzero(at(found->second), kKeyBytes);
  free_.push_back(found->second);
  places_.erase(found);
}

void KeySlab::keep_only(const std::vector<KeyId>& kept) {
  const std::unordered_set<KeyId, KeyIdHash> wanted(kept.begin(), kept.end());
  std::vector<KeyId> gone;
  for (const auto& [id, place] : places_) {
    if (!wanted.contains(id)) gone.push_back(id);
  }
  for (const KeyId& id : gone) remove(id);
}

void KeySlab::clear() {
  places_.clear();
  free_.clear();
  pages_.clear();
  locked_ = true;
}

}  // namespace vrm::crypto
