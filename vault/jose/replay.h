#pragma once
// The memory of what may be used only once: DPoP proofs and client assertions.
//
// An entry is 16 bytes of a hash of who made it and its `jti`. It lives until nothing that it
// guards against could be accepted any more; a live entry is never given up for a new one, so a
// full memory refuses. Each share (one per brand) has its own bound, so that one brand cannot use
// up the others' room. Entries that end in the same half minute lie in one table and go together.
// Time is Clock::ticks. Safe from any thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/crypto/secret.h"

namespace vrm::jose {

enum class Seen {
  Fresh,     // not seen before; it is remembered now
  Replayed,  // seen before
  Full,      // cannot be remembered, so it must not be accepted
};

struct ReplayLimits {
  std::size_t total = 100'000;
  std::size_t per_share = 20'000;
};

// What a caller may ask to have remembered at most.
inline constexpr Duration kLongestReplayLife = std::chrono::minutes(10);

class ReplayMemory {
 public:
  ReplayMemory(const Clock& clock, Random& random, ReplayLimits limits = {});

  // Asks for and remembers (maker, jti) for at least `life` from now, in one step. `maker` is what
  // makes a jti unique: the thumbprint of the proof's key, or the client_id. `share` pays for it.
  // REQUIRES: 0 < life <= kLongestReplayLife.
  Seen remember(const std::string& share, std::string_view maker, std::string_view jti,
                Duration life);

  // How many are remembered now.
  std::size_t size() const;

  // Gives back the room of what has ended. remember() does so too; this is for when nobody asks.
  void sweep();

 private:
  using Entry = std::array<std::uint8_t, 16>;

  // A set of entries in open addressing; all zeros marks an empty place.
  class Table {
   public:
    bool contains(const Entry& entry) const;
    void insert(const Entry& entry);  // REQUIRES: !contains(entry)

   private:
    void place(const Entry& entry);
    std::vector<Entry> places_;  // a power of two of them
    std::size_t used_ = 0;
  };

  // The entries that end before `end`.
  struct Generation {
    Duration end;
    Table table;
    std::unordered_map<std::string, std::size_t> shares;
    std::size_t size = 0;
  };

  Entry entry_of(std::string_view maker, std::string_view jti) const;
  void forget_ended(Duration ticks);
  Generation& generation_ending_after(Duration end);

  const Clock& clock_;
  const ReplayLimits limits_;
  crypto::Secret salt_;  // makes places unforeseeable, so that nobody can crowd one
  mutable std::mutex mutex_;
  std::deque<Generation> generations_;  // by end, earliest first
  std::unordered_map<std::string, std::size_t> shares_;
  std::size_t size_ = 0;
};

}  // namespace vrm::jose
