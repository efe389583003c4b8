#include "vault/http/loop.h"

#include <microhttpd.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/check.h"
#include "vault/http/connection.h"
#include "vault/http/problem.h"

namespace vrm::http {

namespace {

constexpr int kAcceptsPerTurn = 64;
// Each newcomer over TLS costs a signature in the turns that follow, while everybody else waits.
constexpr int kHandshakesPerTurn = 16;
constexpr Duration kDeafFor{100};
constexpr std::size_t kPage = 4096;
// Within TLS 1.2 only what keeps past sessions secret when the key is stolen, and only AEAD.
constexpr const char* kTls =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-"
    "POLY1305:"
    "+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using Response = std::unique_ptr<MHD_Response, ResponseDeleter>;

void wipe_body(void* held) {
  const std::unique_ptr<std::string> body(static_cast<std::string*>(held));
  ::explicit_bzero(body->data(), body->size());
}

// Answers hold values of the owner's: the library gets a view, and what it pointed to is wiped when
// it is done.
Response make_response(routes::Answer answer) {
  auto body = std::make_unique<std::string>(std::move(answer.body));
  void* const bytes = body->data();
  const std::size_t size = body->size();
  Response made(
      MHD_create_response_from_buffer_with_free_callback_cls(size, bytes, &wipe_body, body.get()));
  if (!made) return nullptr;
  (void)body.release();
  for (const auto& [name, value] : answer.headers) {
    if (MHD_add_response_header(made.get(), name.c_str(), value.c_str()) != MHD_YES) return nullptr;
  }
  return made;
}

// Hands the answer to the library. An answer that cannot be written as HTTP is our own mistake: 500
// says so.
MHD_Result queue(Connection& connection, routes::Answer answer, Duration now) {
  int status = answer.status;
  Response response = status >= 200 && status <= 599 ? make_response(std::move(answer)) : nullptr;
  if (!response) {
    status = 500;
    response = make_response(problem({500, "the answer could not be written"}));
  }
  connection.stage = Stage::Writing;
  connection.since = now;
  if (!response) return MHD_NO;
  return MHD_queue_response(connection.mhd, static_cast<unsigned int>(status), response.get());
}

// Reads what the peer still sends, so that close() does not reset the connection before the answer
// is read.
void drain(int fd) {
  std::array<char, 16 * 1024> scrap{};
  for (int i = 0; i < 8; ++i) {
    if (::recv(fd, scrap.data(), scrap.size(), MSG_DONTWAIT) <= 0) return;
  }
}

void say_and_close(int fd, const Refused& refused) {
  const std::string bytes = problem_bytes(refused);
  (void)::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  (void)::shutdown(fd, SHUT_WR);
  drain(fd);
  ::close(fd);
}

}  // namespace

// The library's callbacks. None may throw: they return into C.
struct Loop::Calls {
  static Loop& loop(void* cls) { return *static_cast<Loop*>(cls); }
  static Connection& connection_of(MHD_Connection* mhd) {
    const auto* info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<Connection*>(info->socket_context);
  }

  static void connected(void* cls, MHD_Connection* mhd, void** context,
                        MHD_ConnectionNotificationCode what) noexcept {
    Loop& self = loop(cls);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      auto made = std::make_unique<Connection>();
      made->mhd = mhd;
      made->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
      made->plain = self.plain_;
      made->peer = *std::exchange(self.entering_, nullptr);
      made->since = self.now_;
      made->index = self.connections_.size();
      *context = made.get();
      self.connections_.push_back(std::move(made));
      return;
    }
    auto& gone = *static_cast<Connection*>(*context);
    drain(gone.fd);
    self.house_.leave(gone.peer.house);
    const std::size_t index = gone.index;
    if (index + 1 != self.connections_.size()) {
      std::swap(self.connections_[index], self.connections_.back());
      self.connections_[index]->index = index;
    }
    self.connections_.pop_back();
    *context = nullptr;
  }

  // The request line is complete. What comes back is `*request` of handle().
  static void* request_line(void* cls, const char* target, MHD_Connection* mhd) noexcept {
    Connection& connection = connection_of(mhd);
    connection.stage = Stage::Head;
    connection.since = loop(cls).now_;
    connection.target = target != nullptr ? target : "";
    connection.target_at = target;
    return &connection;
  }

  static void completed(void* cls, MHD_Connection*, void** request,
                        MHD_RequestTerminationCode) noexcept {
    if (*request == nullptr) return;
    auto& connection = *static_cast<Connection*>(*request);
    connection.stage = Stage::Idle;
    connection.since = loop(cls).now_;
    connection.request = {};
    connection.answer.reset();
    *request = nullptr;
  }

  static MHD_Result handle(void* cls, MHD_Connection*, const char*, const char* method,
                           const char* version, const char* data, std::size_t* size,
                           void** request) noexcept {
    Loop& self = loop(cls);
    auto& connection = *static_cast<Connection*>(*request);
    if (connection.cut) return MHD_NO;
    switch (connection.stage) {
      case Stage::Head:
        return begin(self, connection, method, version);
      case Stage::Body:
        return *size > 0 ? collect(connection, data, size) : deliver(self, connection);
      case Stage::Answered:
        return queue(connection, std::move(*connection.answer), self.now_);
      case Stage::Serving:
      case Stage::Writing:
      case Stage::Idle:
        break;
    }
    return MHD_NO;
  }

  static MHD_Result refuse(Loop& self, Connection& connection, const Refused& refused) {
    self.tally_.refused.fetch_add(1, std::memory_order_relaxed);
    routes::Answer answer = problem(refused);
    if (refused.status == 405) answer.headers.emplace_back("Allow", self.allow_);
    return queue(connection, std::move(answer), self.now_);
  }

  static MHD_Result slow_down(Loop& self, Connection& connection) {
    self.tally_.refused.fetch_add(1, std::memory_order_relaxed);
    self.tally_.paced.fetch_add(1, std::memory_order_relaxed);
    routes::Answer answer = problem({429, "too many calls from this address"});
    answer.headers.emplace_back("Retry-After", std::to_string(self.pace_.retry_after_s()));
    return queue(connection, std::move(answer), self.now_);
  }

  static MHD_Result add_header(void* cls, MHD_ValueKind, const char* name, std::size_t name_size,
                               const char* value, std::size_t value_size) noexcept {
    auto& headers = *static_cast<std::vector<HeaderView>*>(cls);
    headers.push_back(
        {{name, name_size}, {value == nullptr ? name + name_size : value, value_size}});
    return MHD_YES;
  }

  // An answer in here makes the library close the connection: nothing behind a refused head is
  // read.
  static MHD_Result begin(Loop& self, Connection& connection, const char* method,
                          const char* version) {
    if (!self.pace_.take(connection.peer.house, self.now_)) return slow_down(self, connection);
    std::vector<HeaderView>& headers = self.headers_;
    headers.clear();
    (void)MHD_get_connection_values_n(connection.mhd, MHD_HEADER_KIND, &add_header, &headers);
    const HeadView head{
        method,
        connection.target,
        connection.target_at,
        version,
        headers,
        MHD_get_connection_info(connection.mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
            ->header_size};
    if (!laid_out(head)) return refuse(self, connection, {400, "the head is not well formed"});
    if (const auto refused = refuse_head(head, self.rules_.head)) {
      return refuse(self, connection, *refused);
    }
    const Target target = *split_target(connection.target);
    connection.body_bytes = body_length(head);
    if (connection.body_bytes > self.handler_.body_limit(head.method, target.path)) {
      return refuse(self, connection, {413, "the body is too long"});
    }
    routes::Request& request = connection.request;
    request = {
        std::string(head.method), std::string(target.path), std::string(target.query), {}, {},
        connection.peer.address};
    request.headers.reserve(headers.size());
    for (const auto& header : headers) {
      request.headers.emplace_back(lower(header.name), without_blanks(header.value));
    }
    request.body.reserve(connection.body_bytes);
    connection.stage = Stage::Body;
    connection.since = self.now_;
    return MHD_YES;
  }

  static MHD_Result collect(Connection& connection, const char* data, std::size_t* size) {
    std::string& body = connection.request.body;
    if (body.size() + *size > connection.body_bytes) return MHD_NO;
    body.append(data, *size);
    // The library never looks at these bytes of its buffer again, and bodies hold passphrases.
    ::explicit_bzero(const_cast<char*>(data), *size);
    *size = 0;
    return MHD_YES;
  }

  static MHD_Result deliver(Loop& self, Connection& connection) {
    if (connection.request.body.size() != connection.body_bytes) return MHD_NO;
    self.tally_.requests.fetch_add(1, std::memory_order_relaxed);
    connection.stage = Stage::Serving;
    self.returns_->hand_over(&connection);
    self.handler_.handle(std::exchange(connection.request, {}),
                         std::make_shared<Ticket>(self.returns_, &connection));
    self.returns_->hand_over(nullptr);
    if (auto direct = self.returns_->take_direct()) {
      return queue(connection, direct->finish ? direct->finish() : std::move(direct->answer),
                   self.now_);
    }
    connection.suspended = true;
    MHD_suspend_connection(connection.mhd);
    return MHD_YES;
  }
};

Loop::Loop(LoopRules rules, routes::Handler& handler, const Clock& clock, House& house, Pace& pace,
           Tally& tally)
    : rules_(std::move(rules)),
      handler_(handler),
      clock_(clock),
      house_(house),
      pace_(pace),
      tally_(tally),
      returns_(std::make_shared<Returns>()) {
  for (const auto& method : rules_.head.methods) allow_ += (allow_.empty() ? "" : ", ") + method;
  now_ = swept_ = clock_.ticks();
}

Result<std::unique_ptr<Loop>> Loop::make(LoopRules rules, const Certificate* certificate,
                                         routes::Handler& handler, const Clock& clock, House& house,
                                         Pace& pace, Tally& tally) {
  std::unique_ptr<Loop> made(new Loop(std::move(rules), handler, clock, house, pace, tally));
  if (!made->returns_->usable()) return Error{ErrorCode::Io, "no descriptor for the loop's bell"};
  unsigned int flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
  std::vector<MHD_OptionItem> tls;
  if (certificate != nullptr) {
    flags |= MHD_USE_TLS;
    const auto text = [](const std::string& from) { return const_cast<char*>(from.c_str()); };
    tls.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, text(certificate->chain_pem)});
    tls.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, text(certificate->key_pem)});
    tls.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kTls)});
  }
  tls.push_back({MHD_OPTION_END, 0, nullptr});
  made->plain_ = certificate == nullptr;
  // Twice the longest head and a page: the parser keeps the head, its table of headers and the
  // answer's head in one block. The page makes the library map a block of its own for each
  // connection, of which only what is used costs memory and which goes back when the connection ends;
  // up to 32 KiB it takes it from the heap.
  const std::size_t memory = 2 * made->rules_.head.bytes + kPage;
  made->daemon_ = MHD_start_daemon(flags, 0, nullptr, nullptr, &Calls::handle, made.get(),  //
                                   MHD_OPTION_URI_LOG_CALLBACK, &Calls::request_line, made.get(),
                                   MHD_OPTION_NOTIFY_COMPLETED, &Calls::completed, made.get(),
                                   MHD_OPTION_NOTIFY_CONNECTION, &Calls::connected, made.get(),
                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,  //
                                   MHD_OPTION_CONNECTION_LIMIT, 1U << 20U,      //
                                   MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END);
  if (made->daemon_ == nullptr) {
    if (certificate != nullptr) {
      return refusal(ErrorCode::Malformed, "http.certificate_unusable");
    }
    return Error{ErrorCode::Io, "libmicrohttpd does not start"};
  }
  made->epoll_fd_ = MHD_get_daemon_info(made->daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  made->returns_->belongs_here();
  return made;
}

Loop::~Loop() {
  returns_->close();
  if (daemon_ == nullptr) return;
  wind_up();
  MHD_stop_daemon(daemon_);
}

void Loop::run(Listener listener) {
  returns_->belongs_here();
  listener_ = std::move(listener);
  while (!stopping_.load(std::memory_order_acquire)) turn(std::nullopt);
  listener_.reset();
  for (const auto& connection : connections_) {
    if (connection->stage == Stage::Head || connection->stage == Stage::Body ||
        connection->stage == Stage::Idle) {
      cut(*connection);
    }
  }
  const Duration until = clock_.ticks() + rules_.deadlines.grace;
  while (busy() && clock_.ticks() < until) turn(Duration(20));
  returns_->close();
  wind_up();
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  returns_->ring();
}

bool Loop::adopt(int fd, const Peer& peer) {
  entering_ = &peer;
  // The address is only used for the library's own limits, which are off.
  const sockaddr none{};
  const bool taken = MHD_add_connection(daemon_, fd, &none, sizeof none) == MHD_YES;
  // Taken by connected(), which also hears of it when the connection fails after that.
  if (std::exchange(entering_, nullptr) != nullptr) house_.leave(peer.house);
  return taken;
}

void Loop::turn(std::optional<Duration> most) {
  const bool newcomers = wait(most);
  now_ = clock_.ticks();
  take_answers();
  if (newcomers) let_in();
  (void)MHD_run(daemon_);
  if (now_ - swept_ >= rules_.deadlines.sweep) sweep();
  handler_.turn_ended();
}

// True when somebody knocks.
bool Loop::wait(std::optional<Duration> most) {
  std::array<pollfd, 3> waits{
      {{returns_->bell(), POLLIN, 0}, {epoll_fd_, POLLIN, 0}, {-1, POLLIN, 0}}};
  const Duration now = clock_.ticks();
  const bool deaf = now < deaf_until_;
  if (listener_ && !deaf) waits[2].fd = listener_->fd();
  std::optional<Duration> until = most;
  const auto at_most = [&until](Duration limit) {
    until = until ? std::min(*until, limit) : limit;
  };
  if (!connections_.empty()) at_most(rules_.deadlines.sweep);
  if (deaf) at_most(deaf_until_ - now);
  MHD_UNSIGNED_LONG_LONG timeout = 0;
  if (MHD_get_timeout(daemon_, &timeout) == MHD_YES && timeout == 0) at_most(Duration(0));
  if (returns_->waiting()) at_most(Duration(0));
  const int wait_ms = until ? static_cast<int>(std::max(until->count(), Duration::rep{0})) : -1;
  (void)::poll(waits.data(), waits.size(), wait_ms);
  if ((waits[0].revents & POLLIN) != 0) returns_->silence();
  return (waits[2].revents & POLLIN) != 0;
}

void Loop::take_answers() {
  returns_->take(taken_);
  for (auto& one : taken_) {
    Connection& connection = *one.connection;
    connection.answer = one.finish ? one.finish() : std::move(one.answer);
    connection.stage = Stage::Answered;
    connection.since = now_;
    connection.suspended = false;
    MHD_resume_connection(connection.mhd);
  }
  taken_.clear();
}

void Loop::let_in() {
  const int most = plain_ ? kAcceptsPerTurn : kHandshakesPerTurn;
  for (int i = 0; i < most; ++i) {
    const int fd = ::accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        deaf_until_ = now_ + kDeafFor;
        (void)show_one_out();
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
    let_one_in(fd);
  }
}

void Loop::let_one_in(int fd) {
  const auto peer = peer_of(fd, listener_->is_unix(), rules_.uid);
  if (!peer) {
    tally_.turned_away.fetch_add(1, std::memory_order_relaxed);
    ::close(fd);
    return;
  }
  // A handshake costs more than many calls, so over TLS a connection counts as one too.
  if (!plain_ && !pace_.take(peer->house, now_)) {
    tally_.turned_away.fetch_add(1, std::memory_order_relaxed);
    ::close(fd);
    return;
  }
  Admission admission = house_.enter(peer->house);
  if (admission == Admission::Full && show_one_out() && house_.squeeze_in(peer->house)) {
    admission = Admission::Welcome;
  }
  if (admission == Admission::Welcome) {
    (void)adopt(fd, *peer);
    return;
  }
  tally_.turned_away.fetch_add(1, std::memory_order_relaxed);
  if (plain_) {
    say_and_close(fd, {503, "too many connections"});
  } else {
    ::close(fd);
  }
}

// Shuts the connection that has longest been without a whole request.
bool Loop::show_one_out() {
  Connection* oldest = nullptr;
  for (const auto& connection : connections_) {
    const bool unfinished = connection->stage == Stage::Head || connection->stage == Stage::Body ||
                            connection->stage == Stage::Idle;
    if (!unfinished || connection->cut) continue;
    if (oldest == nullptr || connection->since < oldest->since) oldest = connection.get();
  }
  if (oldest == nullptr) return false;
  tally_.shown_out.fetch_add(1, std::memory_order_relaxed);
  cut(*oldest);
  return true;
}

void Loop::sweep() {
  swept_ = now_;
  const Deadlines& limits = rules_.deadlines;
  for (const auto& connection : connections_) {
    if (connection->suspended || connection->cut) continue;
    const Duration spent = now_ - connection->since;
    const Stage stage = connection->stage;
    const bool late = (stage == Stage::Head && spent > limits.head) ||
                      (stage == Stage::Body && spent > limits.body) ||
                      (stage == Stage::Idle && spent > limits.idle) ||
                      (stage == Stage::Writing && spent > limits.write);
    if (!late) continue;
    tally_.late.fetch_add(1, std::memory_order_relaxed);
    if (connection->plain && (stage == Stage::Head || stage == Stage::Body)) {
      const std::string bytes = problem_bytes({408, "the request took too long"});
      (void)::send(connection->fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    cut(*connection);
  }
}

// The library sees the end of the connection in its next run and closes it then.
void Loop::cut(Connection& connection) {
  connection.cut = true;
  (void)::shutdown(connection.fd, SHUT_RDWR);
}

bool Loop::busy() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const auto& connection) {
    return !connection->cut && connection->stage != Stage::Idle;
  });
}

// Closes everything: a suspended connection must be resumed before the daemon may stop.
void Loop::wind_up() {
  for (const auto& connection : connections_) {
    if (connection->suspended) {
      connection->suspended = false;
      connection->answer = problem({503, "this door closes"});
      connection->stage = Stage::Answered;
      MHD_resume_connection(connection->mhd);
    }
  }
  (void)MHD_run(daemon_);
  for (const auto& connection : connections_) cut(*connection);
  (void)MHD_run(daemon_);
}

}  // namespace vrm::http
