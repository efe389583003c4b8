#pragma once
// A door of the daemon: a listening socket whose requests reach a Handler, strictly read and
// bounded.
//
// A request that the routes see has one Host from the list, at most one length, a whole body within
// its limit and a path without encoding or dot segments. Everything else is answered here
// (problem+json) and its connection is closed. Nobody may take longer than the deadlines, whether
// sending, idle or reading.
//
// Each loop has its own thread and, on TCP, its own listener on the same port. Handler's functions
// are called from all of them; with one loop, from one thread. A Reply may be answered from any
// thread, also after the door is gone.

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/http/loop.h"
#include "vault/routes/request.h"

namespace vrm::http {

// A socket file for one user. Its folder must be ours and closed to others.
struct UnixPlace {
  std::string path;
  uid_t uid;
};

// A numeric address. Port 0 takes a free one.
struct TcpPlace {
  std::string address;
  std::uint16_t port = 0;
};

// PEM files. The key's may be read by nobody but its owner and group.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

struct DoorOptions {
  std::variant<UnixPlace, TcpPlace> place;
  // Exactly what a client may write as Host, with the port where it writes one; ":0" at the end
  // stands for the door's port. A Unix door takes `localhost` and `vrm` as well.
  std::vector<std::string> hosts;
  std::optional<TlsFiles> tls;  // TLS 1.2 and 1.3
  std::vector<std::string> methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  std::size_t head_bytes = 16 * 1024;
  std::size_t headers = 64;
  std::size_t connections = 512;
  std::size_t per_peer = 448;         // on TCP
  std::int64_t calls_per_minute = 0;  // of one peer, on TCP; 0: as many as come
  std::size_t loops = 1;              // 1 on a Unix socket
  Deadlines deadlines;
};

class Door {
 public:
  // Opens and serves at once. Denied: plain HTTP on an address that is not loopback, the folder or
  // key file is open to others, or the strict pass failed its test. Conflict: somebody else is
  // there. Malformed: an address, path or certificate cannot be used. Io: the system refused.
  // `handler` and `clock` live longer than the door.
  static Result<std::unique_ptr<Door>> open(DoorOptions options, routes::Handler& handler,
                                            const Clock& clock);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // Takes no new requests, waits for answers under way as long as the deadlines' `grace`, answers
  // the rest 503, closes everything. A second call does nothing.
  void stop();

  std::uint16_t port() const { return port_; }  // 0 for a Unix socket
  const Tally& tally() const { return tally_; }
  std::size_t connections() const { return house_.size(); }

 private:
  Door(const DoorOptions& options, std::size_t per_peer);

  House house_;
  Pace pace_;
  Tally tally_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace vrm::http
