#pragma once
// What just happened, for the owner's screen: a numbered stream of small events, held in memory, that a client follows
// with the number it saw last. It is news, not record: the journal is the record.
//
// Numbers rise over restarts too (they start at the clock's milliseconds), so a client that comes back with an old
// number is told that it missed something and looks at the documents anew. Safe from any thread.

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "vault/base/clock.h"

namespace vrm::gate {

struct Event {
  std::uint64_t number = 0;
  Instant at = {};
  std::string kind = {};    // docs/api/owner.md, vrm.events/1
  std::string intent = {};  // in_…, "" when not of an intent or not known while locked
  std::string offer = {};   // of_…
  std::string brand = {};   // handle
};

struct News {
  std::uint64_t cursor = 0;  // to ask with next
  bool missed = false;       // more happened since `after` than is held
  std::vector<Event> events = {};
};

class Feed {
 public:
  explicit Feed(const Clock& clock);
  // Ends it.
  ~Feed();

  // Answers all who wait; from now on nobody waits. Before the doors close.
  void end();

  void tell(std::string kind, std::string intent, std::string offer, std::string brand);

  // What came after `after` (0: from now on). At once when there is something, else at the next event or after `wait`,
  // whichever comes first. `answer` is called once, from any thread.
  using Answer = std::function<void(News)>;
  void follow(std::uint64_t after, Duration wait, Answer answer);

  // Answers those whose time is over; the daemon calls it every second or oftener.
  void tick();

  std::uint64_t cursor() const;

 private:
  struct Waiting {
    std::uint64_t after;
    Duration until;
    Answer answer;
  };
  News since(std::uint64_t after) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t last_;
  const std::uint64_t first_;
  std::deque<Event> events_;
  std::vector<Waiting> waiting_;
  bool ended_ = false;
};

}  // namespace vrm::gate
