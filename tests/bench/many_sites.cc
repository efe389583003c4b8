#include "tests/bench/many_sites.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace vrm::bench {
namespace {

constexpr std::size_t kMostRequestBytes = 256 * 1024;
constexpr std::string_view kTaken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kUnknown = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The value of Content-Length; 0 without one.
Result<std::size_t> announced_length(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at + 2);
    const bool named =
        line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(),
                                                 [](char a, char b) { return a == lower_char(b); });
    if (!named) continue;
    line.remove_prefix(kName.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::size_t length = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), length);
    if (read.ec == std::errc{} && length <= kMostRequestBytes) return length;
    return Error{ErrorCode::Malformed, "a Content-Length is no length"};
  }
  return std::size_t{0};
}

}  // namespace

Result<std::optional<SiteRequest>> first_request(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > kMostRequestBytes) return Error{ErrorCode::Malformed, "a head without end"};
    return std::optional<SiteRequest>();
  }
  const std::string_view head = bytes.substr(0, end);
  const std::size_t length = TRY(announced_length(head));
  SiteRequest request;
  request.size = end + 4 + length;
  if (bytes.size() < request.size) return std::optional<SiteRequest>();
  const std::size_t blank = head.find(' ');
  const std::size_t second = blank == std::string_view::npos ? blank : head.find(' ', blank + 1);
  if (second == std::string_view::npos || second > head.find("\r\n")) {
    return Error{ErrorCode::Malformed, "no request line"};
  }
  request.method = head.substr(0, blank);
  request.path = head.substr(blank + 1, second - blank - 1);
  request.body = bytes.substr(end + 4, length);
  return std::optional<SiteRequest>(request);
}

Result<std::unique_ptr<ManySites>> ManySites::open() {
  const Error refused{ErrorCode::Io, "no socket for the brands' sites"};
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return refused;
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  const bool listening = ::bind(listener, address, size) == 0 && ::listen(listener, 1024) == 0 &&
                         ::getsockname(listener, address, &size) == 0;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const int bell = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::unique_ptr<ManySites> made(new ManySites(listener, epoll, bell, ntohs(at.sin_port)));
  for (const int fd : {listener, bell}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (!listening || ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) return refused;
  }
  made->thread_ = std::thread([self = made.get()] { self->work(); });
  return made;
}

ManySites::ManySites(int listener, int epoll, int bell, int port)
    : listener_(listener), epoll_(epoll), bell_(bell), port_(port) {}

ManySites::~ManySites() {
  const std::uint64_t one = 1;
  (void)!::write(bell_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  for (const auto& [fd, visitor] : visitors_) ::close(fd);
  for (const int fd : {listener_, epoll_, bell_}) ::close(fd);
}

void ManySites::serve(const std::string& path, std::string json) {
  const std::lock_guard lock(mutex_);
  documents_[path] = std::move(json);
}

void ManySites::forget_posted() {
  const std::lock_guard lock(mutex_);
  posted_.clear();
}

Result<Moment> ManySites::wait_posted(std::size_t count, Duration most) {
  std::unique_lock lock(mutex_);
  wanted_ = count;
  const bool all = changed_.wait_for(lock, most, [&] { return posted_.size() >= count; });
  if (!all || count == 0) {
    return Error{ErrorCode::Unavailable, std::to_string(posted_.size()) + " of " +
                                             std::to_string(count) + " messages came"};
  }
  return posted_[count - 1].came;
}

std::vector<ManySites::Posted> ManySites::posted() const {
  const std::lock_guard lock(mutex_);
  return posted_;
}

void ManySites::work() {
  std::array<epoll_event, 64> events{};
  while (true) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == bell_) return;
      if (fd == listener_) {
        let_in();
        continue;
      }
      Visitor& visitor = visitors_[fd];
      if (hear(fd, visitor) && answer(visitor) && write(fd, visitor)) continue;
      visitors_.erase(fd);
      ::close(fd);
    }
  }
}

void ManySites::let_in() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) {
      visitors_[fd] = {};
    } else {
      ::close(fd);
    }
  }
}

// False: it has gone.
bool ManySites::hear(int fd, Visitor& visitor) {
  std::array<char, 16 * 1024> part{};
  while (true) {
    const ssize_t size = ::recv(fd, part.data(), part.size(), 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    visitor.in.append(part.data(), static_cast<std::size_t>(size));
    if (visitor.in.size() > 2 * kMostRequestBytes) return false;
  }
}

bool ManySites::answer(Visitor& visitor) {
  while (true) {
    const auto request = first_request(visitor.in);
    if (!request.ok()) return false;
    if (!request.value()) return true;
    const SiteRequest& one = *request.value();
    {
      const std::lock_guard lock(mutex_);
      const auto document = documents_.find(one.path);
      if (one.method == "POST") {
        posted_.push_back({std::string(one.path), std::string(one.body), Moment::clock::now()});
        visitor.out += kTaken;
        if (posted_.size() == wanted_) changed_.notify_all();
      } else if (document == documents_.end()) {
        visitor.out += kUnknown;
      } else {
        visitor.out += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(document->second.size()) + "\r\n\r\n" + document->second;
      }
    }
    visitor.in.erase(0, one.size);
  }
}

bool ManySites::write(int fd, Visitor& visitor) {
  while (!visitor.out.empty()) {
    const ssize_t size = ::send(fd, visitor.out.data(), visitor.out.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    visitor.out.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace vrm::bench
