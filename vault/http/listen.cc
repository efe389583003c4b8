#include "vault/http/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace vrm::http {

namespace {

constexpr int kBacklog = 1024;
constexpr int kSendBufferBytes = 64 * 1024;
constexpr unsigned kGiveUpUnsentMs = 10'000;

Error io(std::string_view what) {
  return Error{ErrorCode::Io, std::string(what) + ": " + std::strerror(errno)};
}

void set_option(int fd, int level, int name, int value) {
  (void)::setsockopt(fd, level, name, &value, sizeof value);
}

Result<void> check_folder(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0) return io("cannot look at the socket's folder");
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 077U) != 0) {
    return refusal(ErrorCode::Denied, "http.folder_not_private", {{"path", folder.string()}});
  }
  return {};
}

// Removes the file of a daemon that no longer answers.
Result<void> clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return io("cannot look at the socket's path");
  }
  if (!S_ISSOCK(found.st_mode) || found.st_uid != ::geteuid()) {
    return refusal(ErrorCode::Denied, "http.socket_path_taken", {{"path", path}});
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return io("cannot make a socket");
  const int connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int why = errno;
  ::close(probe);
  if (connected == 0 || why != ECONNREFUSED) {
    return refusal(ErrorCode::Conflict, "http.socket_in_use", {{"path", path}});
  }
  if (::unlink(path.c_str()) != 0) return io("cannot remove a stale socket");
  return {};
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<SocketAddress> numeric_address(const std::string& address, std::uint16_t port) {
  SocketAddress made;
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr = v4;
    std::memcpy(&made.storage, &in, sizeof in);
    made.size = sizeof in;
    return made;
  }
  if (::inet_pton(AF_INET6, address.c_str(), &v6) == 1) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    in.sin6_addr = v6;
    std::memcpy(&made.storage, &in, sizeof in);
    made.size = sizeof in;
    return made;
  }
  return std::nullopt;
}

std::uint16_t port_of(const sockaddr_storage& storage) {
  std::uint16_t port = 0;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    port = in.sin_port;
  } else {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    port = in.sin6_port;
  }
  return ntohs(port);
}

Peer peer_of_v4(const in_addr& address) {
  char text[INET_ADDRSTRLEN] = {};
  (void)::inet_ntop(AF_INET, &address, text, sizeof text);
  return Peer{text, text};
}

Peer peer_of_v6(in6_addr address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr v4{};
    std::memcpy(&v4, address.s6_addr + 12, sizeof v4);
    return peer_of_v4(v4);
  }
  char text[INET6_ADDRSTRLEN] = {};
  (void)::inet_ntop(AF_INET6, &address, text, sizeof text);
  Peer peer{text, {}};
  std::memset(address.s6_addr + 8, 0, 8);
  (void)::inet_ntop(AF_INET6, &address, text, sizeof text);
  peer.house = text;
  return peer;
}

}  // namespace

Listener::Listener(Listener&& other) noexcept {
  *this = std::move(other);
}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  port_ = std::exchange(other.port_, std::uint16_t{0});
  path_ = std::exchange(other.path_, {});
  inode_ = std::exchange(other.inode_, ino_t{0});
  return *this;
}

Listener::~Listener() {
  close();
}

void Listener::close() {
  if (fd_ < 0) return;
  struct stat found {};
  if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) &&
      found.st_ino == inode_) {
    (void)::unlink(path_.c_str());
  }
  ::close(std::exchange(fd_, -1));
}

Result<Listener> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return refusal(ErrorCode::Malformed, "http.socket_path_too_long", {{"path", path}});
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  TRY(check_folder(path));
  TRY(clear_stale(path, address));
  Listener made;
  made.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.fd_ < 0) return io("cannot make a socket");
  // The mode of an unbound socket becomes its file's: there is no moment with another one, and no
  // umask to change under other threads.
  if (::fchmod(made.fd_, S_IRUSR | S_IWUSR) != 0) return io("cannot set the socket's mode");
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) {
      return refusal(ErrorCode::Conflict, "http.socket_in_use", {{"path", path}});
    }
    return io("cannot bind the socket");
  }
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return io("cannot look at the socket");
  made.path_ = path;
  made.inode_ = found.st_ino;
  if ((found.st_mode & 077U) != 0) {
    return refusal(ErrorCode::Denied, "http.folder_not_private", {{"path", path}});
  }
  set_option(made.fd_, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
  if (::listen(made.fd_, kBacklog) != 0) return io("cannot listen");
  return made;
}

Result<Listener> listen_tcp(const std::string& address, std::uint16_t port, bool shared) {
  const auto numeric = numeric_address(address, port);
  if (!numeric) {
    return refusal(ErrorCode::Malformed, "http.address_malformed", {{"address", address}});
  }
  Listener made;
  made.fd_ = ::socket(numeric->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.fd_ < 0) return io("cannot make a socket");
  set_option(made.fd_, SOL_SOCKET, SO_REUSEADDR, 1);
  if (shared) set_option(made.fd_, SOL_SOCKET, SO_REUSEPORT, 1);
  // Accepted sockets inherit these.
  set_option(made.fd_, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
  set_option(made.fd_, IPPROTO_TCP, TCP_NODELAY, 1);
  (void)::setsockopt(made.fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &kGiveUpUnsentMs,
                     sizeof kGiveUpUnsentMs);
  if (::bind(made.fd_, numeric->get(), numeric->size) != 0) {
    if (errno == EADDRINUSE || errno == EACCES || errno == EADDRNOTAVAIL) {
      return refusal(ErrorCode::Conflict, "http.address_not_free",
                     {{"address", address}, {"port", std::to_string(port)}});
    }
    return io("cannot bind the socket");
  }
  if (::listen(made.fd_, kBacklog) != 0) return io("cannot listen");
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(made.fd_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return io("cannot read the socket's address");
  }
  made.port_ = port_of(bound);
  return made;
}

bool is_loopback(const std::string& address) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::optional<Peer> peer_of(int fd, bool is_unix, uid_t uid) {
  if (is_unix) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.uid != uid) {
      return std::nullopt;
    }
    return Peer{"owner", "owner"};
  }
  sockaddr_storage other{};
  socklen_t size = sizeof other;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&other), &size) != 0) return std::nullopt;
  if (other.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &other, sizeof in);
    return peer_of_v4(in.sin_addr);
  }
  if (other.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &other, sizeof in);
    return peer_of_v6(in.sin6_addr);
  }
  return std::nullopt;
}

}  // namespace vrm::http
