#pragma once
// The queue of a mailbox: requests for vaults that have no open door, waiting to be collected and
// answered (docs/api/brand.md, "Mailbox"). Both sides wait in here, a thread each; safe from any
// thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "examples/shop/exchange.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

inline constexpr std::size_t kMostEnvelopeBytes = 128 * 1024;
inline constexpr std::size_t kMostWaiting = 64;  // requests for one vault

// A request on its way, and the name that its answer must bear.
struct Parcel {
  std::string id;
  Request request;
};

class Mailbox {
 public:
  // `hold`: how long either side waits; `again`: after how long without an answer a request is given
  // out once more, in case the vault that took it died. A vault runs an id once, so that is harmless.
  Mailbox(Duration hold, Random& random, Duration again = std::chrono::seconds(3))
      : hold_(hold), again_(again), random_(random) {}

  // Waits for the answer of the vault `vid`. Unavailable: none in time, or the mailbox was closed;
  // the request is then forgotten. Denied: too many wait already, or one too large to be passed on.
  Result<Response> pass_on(const std::string& vid, Request request);

  // What waits for that vault, as much as fits one envelope; waits for something to come. Empty:
  // nothing did, or a newer call for the same vault took its place.
  std::vector<Parcel> collect(const std::string& vid);

  // NotFound: nobody waits for that any more, or it is another vault's.
  Result<void> answer(const std::string& vid, const std::string& id, Response response);

  // Sends everybody home, now and later.
  void close();

 private:
  using Steady = std::chrono::steady_clock;
  struct Waiting {
    Parcel parcel;
    std::optional<Steady::time_point> collected = {};  // last
    std::optional<Response> response = {};
  };
  struct Box {
    std::list<Waiting> waiting;
    std::uint64_t turn = 0;  // of the newest collector
  };
  std::vector<Parcel> take_parcels(Box& box) const;
  Steady::time_point next_again(const Box& box, Steady::time_point latest) const;

  const Duration hold_;
  const Duration again_;
  Random& random_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::map<std::string, Box> boxes_;
  bool closed_ = false;
};

// How many bytes the parcel takes in an envelope, at most.
std::size_t envelope_bytes(const Parcel& parcel);

}  // namespace vrm::shop
