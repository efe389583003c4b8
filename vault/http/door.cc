#include "vault/http/door.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/check.h"
#include "vault/http/self_test.h"

namespace vrm::http {

namespace {

constexpr std::size_t kMaxPemBytes = 256 * 1024;

enum class Who { Anyone, OwnerAndGroup };

Result<std::string> read_pem(const std::string& path, Who readers) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat found {};
  if (fd < 0 || ::fstat(fd, &found) != 0) {
    if (fd >= 0) ::close(fd);
    return refusal(ErrorCode::NotFound, "http.pem_not_readable", {{"path", path}});
  }
  if (readers == Who::OwnerAndGroup && (found.st_mode & 007U) != 0) {
    ::close(fd);
    return refusal(ErrorCode::Denied, "http.key_open_to_others", {{"path", path}});
  }
  std::string text;
  std::array<char, 4096> part{};
  ssize_t got = 0;
  while (text.size() <= kMaxPemBytes && (got = ::read(fd, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  ::explicit_bzero(part.data(), part.size());
  if (got != 0 || text.find("-----BEGIN ") == std::string::npos) {
    return refusal(ErrorCode::Malformed, "http.pem_not_readable", {{"path", path}});
  }
  return text;
}

Result<std::optional<Certificate>> read_certificate(const std::optional<TlsFiles>& files) {
  if (!files) return std::optional<Certificate>();
  Certificate made;
  made.chain_pem = TRY(read_pem(files->certificate, Who::Anyone));
  made.key_pem = TRY(read_pem(files->key, Who::OwnerAndGroup));
  return std::optional<Certificate>(std::move(made));
}

Result<std::vector<Listener>> listen(const DoorOptions& options) {
  std::vector<Listener> made;
  if (const auto* file = std::get_if<UnixPlace>(&options.place)) {
    made.push_back(TRY(listen_unix(file->path)));
    return made;
  }
  const auto& tcp = std::get<TcpPlace>(options.place);
  std::uint16_t port = tcp.port;
  for (std::size_t i = 0; i < options.loops; ++i) {
    made.push_back(TRY(listen_tcp(tcp.address, port, options.loops > 1)));
    port = made.back().port();
  }
  return made;
}

std::vector<std::string> hosts_of(const DoorOptions& options, std::uint16_t port) {
  std::vector<std::string> hosts;
  for (const auto& host : options.hosts) {
    std::string one = lower(host);
    if (one.ends_with(":0")) one.replace(one.size() - 1, 1, std::to_string(port));
    hosts.push_back(std::move(one));
  }
  if (std::holds_alternative<UnixPlace>(options.place)) {
    hosts.insert(hosts.end(), {"localhost", "vrm"});
  }
  return hosts;
}

Result<void> check(const DoorOptions& options) {
  VRM_CHECK(options.loops >= 1 && options.connections >= 1);
  VRM_CHECK(options.loops == 1 || std::holds_alternative<TcpPlace>(options.place));
  const auto* tcp = std::get_if<TcpPlace>(&options.place);
  if (tcp != nullptr && !options.tls && !is_loopback(tcp->address)) {
    return refusal(ErrorCode::Denied, "http.plain_needs_loopback", {{"address", tcp->address}});
  }
  return {};
}

}  // namespace

Door::Door(const DoorOptions& options, std::size_t per_peer)
    : house_(options.connections, per_peer),
      pace_(std::holds_alternative<TcpPlace>(options.place) ? options.calls_per_minute : 0) {}

Result<std::unique_ptr<Door>> Door::open(DoorOptions options, routes::Handler& handler,
                                         const Clock& clock) {
  TRY(check(options));
  TRY(test_strict_pass(clock));
  auto certificate = TRY(read_certificate(options.tls));
  auto listeners = TRY(listen(options));
  const auto* file = std::get_if<UnixPlace>(&options.place);
  std::unique_ptr<Door> made(
      new Door(options, file != nullptr ? options.connections : options.per_peer));
  made->port_ = listeners.front().port();
  LoopRules rules;
  rules.head = {hosts_of(options, made->port_), options.methods, options.head_bytes,
                options.headers};
  rules.deadlines = options.deadlines;
  rules.uid = file != nullptr ? file->uid : 0;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    auto loop = Loop::make(rules, certificate ? &*certificate : nullptr, handler, clock,
                           made->house_, made->pace_, made->tally_);
    if (certificate && (!loop.ok() || i + 1 == listeners.size())) {
      ::explicit_bzero(certificate->key_pem.data(), certificate->key_pem.size());
    }
    made->loops_.push_back(TRY(std::move(loop)));
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    made->threads_.emplace_back(
        [&loop = *made->loops_[i], listener = std::move(listeners[i])]() mutable {
          (void)::pthread_setname_np(::pthread_self(), "vrm-door");
          loop.run(std::move(listener));
        });
  }
  return made;
}

Door::~Door() {
  stop();
}

void Door::stop() {
  for (const auto& loop : loops_) loop->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  loops_.clear();
}

}  // namespace vrm::http
