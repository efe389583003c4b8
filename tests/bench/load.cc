#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "tests/bench/answer_reader.h"
#include "tests/bench/machine.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;
constexpr std::chrono::seconds kLoadPatience{10};  // for the answers still under way at the end

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() {
    SSL_free(tls_);
    ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  AnswerReader& reader() { return reader_; }
  Ticks::time_point sent() const { return sent_; }

  // Waits for the handshake. Unavailable: it failed.
  Result<void> start_tls(SSL_CTX* context, const std::string& host) {
    tls_ = SSL_new(context);
    if (tls_ == nullptr || SSL_set_fd(tls_, fd_) != 1 || SSL_set1_host(tls_, host.c_str()) != 1 ||
        SSL_connect(tls_) != 1)
      return Error{ErrorCode::Unavailable, "no TLS with " + host};
    const int flags = ::fcntl(fd_, F_GETFL);
    if (::fcntl(fd_, F_SETFL, flags | O_NONBLOCK) != 0) return refused_by_system("fcntl");
    return {};
  }

  // As recv() without waiting.
  ssize_t receive(std::span<char> buffer) {
    if (tls_ == nullptr) return ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    const int got = SSL_read(tls_, buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) return got;
    if (SSL_get_error(tls_, got) != SSL_ERROR_WANT_READ) return 0;
    errno = EAGAIN;
    return -1;
  }

  // Sends a whole request. It is smaller than a socket's buffer and the buffer is empty, for there
  // is never a second one under way: a short write is a broken connection.
  bool send(std::string_view before, std::string_view middle, std::string_view after) {
    sent_ = Ticks::now();
    reader_.start_next();
    if (tls_ != nullptr) return send_sealed(std::string(before).append(middle).append(after));
    std::array<iovec, 3> parts = {part(before), part(middle), part(after)};
    const ssize_t sent = ::writev(fd_, parts.data(), parts.size());
    return sent == static_cast<ssize_t>(before.size() + middle.size() + after.size());
  }

 private:
  bool send_sealed(const std::string& text) {
    return SSL_write(tls_, text.data(), static_cast<int>(text.size())) ==
           static_cast<int>(text.size());
  }
  static iovec part(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

  int fd_;
  SSL* tls_ = nullptr;  // nothing: plain
  Ticks::time_point sent_;
  AnswerReader reader_;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeContext>;

Result<TlsContext> tls_context() {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_default_verify_paths(context.get()) != 1)
    return Error{ErrorCode::Unavailable, "OpenSSL gave no context"};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

Result<std::unique_ptr<Connection>> connect_to(const LoadPlan& plan, SSL_CTX* tls) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(plan.port));
  if (::inet_pton(AF_INET, plan.host.c_str(), &address.sin_addr) != 1) {
    return Error{ErrorCode::Malformed, plan.host + " is no IPv4 address"};
  }
  auto connection = std::make_unique<Connection>(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection->fd() < 0) return refused_by_system("socket");
  const int on = 1;
  ::setsockopt(connection->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(connection->fd(), any, sizeof address) != 0) {
    return Error{ErrorCode::Unavailable, plan.host + ": " + std::strerror(errno)};
  }
  if (tls != nullptr) TRY(connection->start_tls(tls, plan.host));
  return connection;
}

class Loop {
 public:
  Loop(const LoadPlan& plan, const Requests& requests) : plan_(plan), requests_(requests) {}
  ~Loop() {
    if (epoll_ >= 0) ::close(epoll_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Result<LoadResult> run() {
    TRY(connect_all());
    start_ = Ticks::now();
    end_ = start_ + plan_.length;
    for (const auto& connection : connections_) send_next(*connection);
    while (under_way_ > 0 && Ticks::now() < end_ + kLoadPatience) TRY(wait_once());
    result_.broken += under_way_;  // never answered
    const Ticks::time_point stop = result_.ran_out ? last_answer_ : end_;
    result_.seconds = std::chrono::duration<double>(stop - start_).count();
    return std::move(result_);
  }

 private:
  Result<void> connect_all() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return refused_by_system("epoll_create1");
    if (plan_.tls) tls_ = TRY(tls_context());
    for (int i = 0; i < plan_.connections; ++i) {
      connections_.push_back(TRY(connect_to(plan_, tls_.get())));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = connections_.back().get()}};
      const int fd = connections_.back()->fd();
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
        return refused_by_system("epoll_ctl");
    }
    return {};
  }

  Result<void> wait_once() {
    std::array<epoll_event, 512> events;
    const int got = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
    if (got < 0 && errno != EINTR) return refused_by_system("epoll_wait");
    for (int i = 0; i < got; ++i) {
      take(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    return {};
  }

  void take(Connection& connection) {
    std::array<char, 16384> buffer;
    const ssize_t got = connection.receive(buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    AnswerReader& reader = connection.reader();
    const auto state = got <= 0 ? AnswerReader::State::Broken
                                : reader.take({buffer.data(), static_cast<std::size_t>(got)});
    if (state == AnswerReader::State::Partial) return;
    --under_way_;
    if (state == AnswerReader::State::Broken) return drop(connection);
    count(connection);
    send_next(connection);
  }

  void count(Connection& connection) {
    const Ticks::time_point now = Ticks::now();
    if (now > end_) return;
    last_answer_ = now;
    const int status = connection.reader().status();
    if (status == 200) {
      const auto took =
          std::chrono::duration_cast<std::chrono::microseconds>(now - connection.sent());
      result_.latencies_us.push_back(static_cast<std::uint64_t>(took.count()));
      return;
    }
    if (result_.other.empty()) result_.first_other = connection.reader().body();
    ++result_.other[status];
  }

  void send_next(Connection& connection) {
    if (Ticks::now() >= end_) return;
    std::string_view middle;
    if (!requests_.middles.empty()) {
      if (next_ == requests_.middles.size()) {
        result_.ran_out = true;
        return;
      }
      middle = requests_.middles[next_++];
    }
    if (!connection.send(requests_.before, middle, requests_.after)) return drop(connection);
    ++under_way_;
  }

  void drop(Connection& connection) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd(), nullptr);
    ++result_.broken;
  }

  const LoadPlan& plan_;
  const Requests& requests_;
  int epoll_ = -1;
  TlsContext tls_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Ticks::time_point start_, end_, last_answer_;
  std::uint64_t under_way_ = 0;
  std::size_t next_ = 0;
  LoadResult result_;
};

}  // namespace

struct KeptConnections::Line {
  LoadPlan plan;
  Requests requests;
  std::shared_ptr<void> loop = {};  // a Loop on what is above
};

KeptConnections::KeptConnections() = default;
KeptConnections::~KeptConnections() = default;

Result<std::unique_ptr<KeptConnections>> KeptConnections::after_load(LoadPlan plan,
                                                                     Requests requests) {
  std::unique_ptr<KeptConnections> kept(new KeptConnections());
  kept->line_ = std::make_unique<Line>(Line{std::move(plan), std::move(requests)});
  auto loop = std::make_shared<Loop>(kept->line_->plan, kept->line_->requests);
  kept->line_->loop = loop;
  kept->load_ = TRY(loop->run());
  return kept;
}

Result<LoadResult> run_load(const LoadPlan& plan, const Requests& requests) {
  return Loop(plan, requests).run();
}

}  // namespace vrm::bench
