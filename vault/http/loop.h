#pragma once
// One libmicrohttpd daemon and the loop that drives it.
//
//   turn: wait -> take answers back -> let connections in -> MHD_run -> close what is late ->
//   Handler::turn_ended
//
// The daemon never waits by itself (its own epoll thread stops when exactly 128, 256 or 384
// connections are ready), never accepts and never times out: the loop does, so that it can look at
// a peer before it is heard, and count from the beginning of a request instead of its last byte.
//
// One thread calls everything but stop(); answers come back through Returns from any thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/http/house.h"
#include "vault/http/listen.h"
#include "vault/http/pace.h"
#include "vault/http/returns.h"
#include "vault/http/strict.h"
#include "vault/routes/request.h"

struct MHD_Daemon;
struct MHD_Connection;

namespace vrm::http {

struct Deadlines {
  Duration head =
      std::chrono::seconds(5);  // from accept, later from the request line, to the end of the head
  Duration body = std::chrono::seconds(10);   // from the end of the head to the end of the body
  Duration idle = std::chrono::seconds(15);   // between two requests
  Duration write = std::chrono::seconds(10);  // from the answer to its last byte
  Duration grace = std::chrono::seconds(2);   // stop() waits so long for answers under way
  Duration sweep = Duration(250);             // how often the others are looked at
};

struct Certificate {
  std::string chain_pem;
  std::string key_pem;
};

// How many since the start. Safe from any thread.
struct Tally {
  std::atomic<std::uint64_t> requests = 0;  // handed to the routes
  std::atomic<std::uint64_t> refused = 0;   // answered by the carrier itself
  std::atomic<std::uint64_t> paced = 0;     // of these, because their peer asked too fast
  std::atomic<std::uint64_t> late = 0;      // closed at a deadline
  std::atomic<std::uint64_t> turned_away =
      0;  // closed at the door: house full, peer full, foreign uid
  std::atomic<std::uint64_t> shown_out = 0;  // closed to let a newcomer in
};

struct LoopRules {
  HeadRules head;
  Deadlines deadlines;
  uid_t uid = 0;  // who may come through a Unix socket
};

class Loop {
 public:
  // All references live as long as the loop. Malformed: the certificate and key are not usable. Io:
  // no descriptors.
  static Result<std::unique_ptr<Loop>> make(LoopRules rules, const Certificate* certificate,
                                            routes::Handler& handler, const Clock& clock,
                                            House& house, Pace& pace, Tally& tally);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Serves what connects to `listener` until stop().
  void run(Listener listener);
  // Any thread: run() comes back when the answers under way are written, at the latest after
  // `grace`.
  void stop();

  // For a connection that came another way (the self-test's): takes it over. REQUIRES: the house
  // counted it in.
  bool adopt(int fd, const Peer& peer);
  // One turn that waits at most `most` for something to do; without it, as long as nothing is to be
  // done.
  void turn(std::optional<Duration> most);

 private:
  struct Calls;  // what libmicrohttpd calls
  friend struct Calls;

  Loop(LoopRules rules, routes::Handler& handler, const Clock& clock, House& house, Pace& pace,
       Tally& tally);
  bool wait(std::optional<Duration> most);
  void take_answers();
  void let_in();
  void let_one_in(int fd);
  bool show_one_out();
  void sweep();
  void cut(Connection& connection);
  void wind_up();
  bool busy() const;

  const LoopRules rules_;
  routes::Handler& handler_;
  const Clock& clock_;
  House& house_;
  Pace& pace_;
  Tally& tally_;
  std::string allow_;  // the methods, for 405
  std::shared_ptr<Returns> returns_;
  MHD_Daemon* daemon_ = nullptr;
  int epoll_fd_ = -1;
  bool plain_ = true;
  std::optional<Listener> listener_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Return> taken_;
  std::vector<HeaderView> headers_;  // of the head that is looked at
  const Peer* entering_ = nullptr;   // the peer of the connection being adopted
  Duration now_{};                   // the clock's ticks at the beginning of this turn
  Duration swept_{};
  Duration deaf_until_{};  // no descriptor was left to accept with
};

}  // namespace vrm::http
