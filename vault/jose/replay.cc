#include "vault/jose/replay.h"

#include <algorithm>
#include <cstring>

#include "vault/base/check.h"
#include "vault/crypto/sha256.h"

namespace vrm::jose {

namespace {

constexpr Duration kGeneration = std::chrono::seconds(30);
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kFirstPlaces = 64;

}  // namespace

bool ReplayMemory::Table::contains(const Entry& entry) const {
  if (places_.empty()) return false;
  std::uint64_t start = 0;
  std::memcpy(&start, entry.data(), sizeof start);
  const std::size_t mask = places_.size() - 1;
  for (std::size_t at = start & mask; places_[at] != Entry{}; at = (at + 1) & mask)
    if (places_[at] == entry) return true;
  return false;
}

void ReplayMemory::Table::insert(const Entry& entry) {
  if ((used_ + 1) * 4 > places_.size() * 3) {
    const auto old = std::exchange(
        places_, std::vector<Entry>(places_.empty() ? kFirstPlaces : places_.size() * 2));
    for (const Entry& moved : old)
      if (moved != Entry{}) place(moved);
  }
  place(entry);
  ++used_;
}

void ReplayMemory::Table::place(const Entry& entry) {
  std::uint64_t start = 0;
  std::memcpy(&start, entry.data(), sizeof start);
  const std::size_t mask = places_.size() - 1;
  std::size_t at = start & mask;
  while (places_[at] != Entry{}) at = (at + 1) & mask;
  places_[at] = entry;
}

ReplayMemory::ReplayMemory(const Clock& clock, Random& random, ReplayLimits limits)
    : clock_(clock), limits_(limits), salt_(crypto::Secret::random(kSaltBytes, random)) {}

ReplayMemory::Entry ReplayMemory::entry_of(std::string_view maker, std::string_view jti) const {
  const BytesView salt = salt_.bytes();
  Bytes input(salt.begin(), salt.end());
  input.reserve(kSaltBytes + maker.size() + 1 + jti.size());
  input.insert(input.end(), maker.begin(), maker.end());
  input.push_back(0);  // no maker holds a NUL: strict JSON has none
  input.insert(input.end(), jti.begin(), jti.end());
  const auto hash = crypto::sha256(input);
  Entry entry;
  std::copy_n(hash.begin(), entry.size(), entry.begin());
  if (entry == Entry{}) entry[0] = 1;
  return entry;
}

Seen ReplayMemory::remember(const std::string& share, std::string_view maker, std::string_view jti,
                            Duration life) {
  VRM_CHECK(life > Duration::zero() && life <= kLongestReplayLife);
  const Entry entry = entry_of(maker, jti);
  const std::lock_guard lock(mutex_);
  const Duration ticks = clock_.ticks();
  forget_ended(ticks);
  for (const Generation& generation : generations_)
    if (generation.table.contains(entry)) return Seen::Replayed;
  const auto held = shares_.find(share);
  if (size_ >= limits_.total || (held != shares_.end() && held->second >= limits_.per_share) ||
      limits_.per_share == 0)
    return Seen::Full;
  Generation& generation = generation_ending_after(ticks + life);
  generation.table.insert(entry);
  ++generation.shares[share];
  ++generation.size;
  ++shares_[share];
  ++size_;
  return Seen::Fresh;
}

std::size_t ReplayMemory::size() const {
  const std::lock_guard lock(mutex_);
  const Duration ticks = clock_.ticks();
  std::size_t live = 0;
  for (const Generation& generation : generations_)
    if (generation.end > ticks) live += generation.size;
  return live;
}

void ReplayMemory::sweep() {
  const std::lock_guard lock(mutex_);
  forget_ended(clock_.ticks());
}

void ReplayMemory::forget_ended(Duration ticks) {
  while (!generations_.empty() && generations_.front().end <= ticks) {
    for (const auto& [share, count] : generations_.front().shares) {
      const auto held = shares_.find(share);
      held->second -= count;
      if (held->second == 0) shares_.erase(held);
    }
    size_ -= generations_.front().size;
    generations_.pop_front();
  }
}

ReplayMemory::Generation& ReplayMemory::generation_ending_after(Duration end) {
  const Duration rounded = (end / kGeneration + 1) * kGeneration;
  const auto at =
      std::lower_bound(generations_.begin(), generations_.end(), rounded,
                       [](const Generation& one, Duration wanted) { return one.end < wanted; });
  if (at != generations_.end() && at->end == rounded) return *at;
  return *generations_.insert(at, Generation{.end = rounded, .table = {}, .shares = {}, .size = 0});
}

}  // namespace vrm::jose
