#pragma once
// Many calls at once, driven by one thread, under the rules of Fetcher.
//
//   begin, begin, … -> wait -> what has ended by then -> begin … -> wait …
//
// Nothing moves outside wait(). Names are resolved on threads of their own, so that a slow one holds
// up nobody. A connection serves further calls to its origin, as long as its address is one that
// the name still has; when nothing is under way, all are closed after a while.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "vault/outbound/bell.h"
#include "vault/outbound/fetch.h"
#include "vault/outbound/lookups.h"

namespace vrm::outbound {

struct Ended {
  std::uint64_t key = 0;
  Result<Fetched> answer;  // errors as Fetcher's
};

// Used by one thread, but for wake().
class Calls {
 public:
  virtual ~Calls() = default;
  // REQUIRES: no call had this key before.
  virtual void begin(std::uint64_t key, Outgoing outgoing) = 0;
  // Ends it; nothing more is heard of it. Nothing happens when no call of this key is under way.
  virtual void drop(std::uint64_t key) = 0;
  // Waits until a call has ended, somebody wakes, or `most` is over; an empty answer says nothing.
  virtual std::vector<Ended> wait(Duration most) = 0;
  // From any thread: the wait() under way, or else the next one, comes back at once.
  virtual void wake() = 0;
};

class WebCalls final : public Calls {
 public:
  WebCalls(FetchOptions options, Resolver& resolver, const Clock& clock);
  // Drops what is under way. Waits for a name that is being resolved: stop the resolver first.
  ~WebCalls() override;
  WebCalls(const WebCalls&) = delete;
  WebCalls& operator=(const WebCalls&) = delete;

  void begin(std::uint64_t key, Outgoing outgoing) override;
  void drop(std::uint64_t key) override;
  std::vector<Ended> wait(Duration most) override;
  void wake() override { bell_.ring(); }

  std::size_t under_way() const { return calls_.size(); }

 private:
  struct UnderWay;
  struct Engine;
  using Map = std::map<std::uint64_t, UnderWay>;

  void run(Map::value_type& at);
  void take_names();
  void take_answers();
  void end_late(Duration now);
  void end(Map::iterator at, Result<Fetched> answer);
  void forget(Map::iterator at);
  std::optional<Duration> next_deadline() const;
  bool sleep(Duration most);

  const FetchOptions options_;
  const Clock& clock_;
  Bell bell_;
  Map calls_;
  std::vector<Ended> ended_;
  std::unique_ptr<Engine> engine_;
  Lookups lookups_;
};

}  // namespace vrm::outbound
