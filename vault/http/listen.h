#pragma once
// Listening sockets, and who is at the other end of an accepted one.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "vault/base/result.h"

namespace vrm::http {

// A listening socket; the file of a Unix socket goes with it, if it is still the one it made.
class Listener {
 public:
  Listener() = default;
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  int fd() const { return fd_; }
  bool is_unix() const { return !path_.empty(); }
  std::uint16_t port() const { return port_; }  // 0 for a Unix socket

 private:
  friend Result<Listener> listen_unix(const std::string& path);
  friend Result<Listener> listen_tcp(const std::string& address, std::uint16_t port, bool shared);
  void close();

  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::string path_;
  ino_t inode_ = 0;
};

// A socket file that only its owner may open, from its first moment. The file of a daemon that is
// gone is replaced. Denied: the folder is not ours or is open to others; something else has that
// name. Conflict: a daemon answers there. Malformed: the path is too long. Io: the system refused.
Result<Listener> listen_unix(const std::string& path);

// A numeric IPv4 or IPv6 address; port 0 takes a free one. `shared` lets more listeners take the
// same port. Malformed: not such an address. Conflict: the port is taken. Io: the system refused.
Result<Listener> listen_tcp(const std::string& address, std::uint16_t port, bool shared);

// True for 127.0.0.0/8 and ::1 in their numeric forms.
bool is_loopback(const std::string& address);

struct Peer {
  std::string address;  // without port; "owner" on a Unix socket
  std::string house;    // what counts as one peer: the address, or the /64 of an IPv6 address
};

// The connection's other end. Nothing: a Unix peer that is not `uid`, or the system cannot say.
std::optional<Peer> peer_of(int fd, bool is_unix, uid_t uid);

}  // namespace vrm::http
