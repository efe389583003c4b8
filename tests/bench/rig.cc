#include "tests/bench/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/bench/machine.h"
#include "vault/crypto/secret.h"

namespace vrm::bench {
namespace {

constexpr std::size_t kCredentialBytes = 32;
constexpr const char* kRaisedLimit = "100000000";
constexpr const char* kOpenssl = "/usr/bin/openssl";

// A port that was free a moment ago.
Result<int> free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused_by_system("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, any, size) == 0 && ::getsockname(fd, any, &size) == 0;
  ::close(fd);
  if (!bound) return refused_by_system("bind");
  return static_cast<int>(ntohs(address.sin_port));
}

// A client assertion that names the second in which vrmd started is refused, for it may have been
// used before that start.
void wait_for_next_second() {
  const auto now = std::chrono::system_clock::now();
  const auto next = std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(1);
  std::this_thread::sleep_until(next);
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make(const std::filesystem::path& below) {
  std::string name = (below / "vrm-bench.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return refused_by_system(name);
  return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code failed;
  if (!path_.empty()) std::filesystem::remove_all(path_, failed);
}

Result<std::unique_ptr<Rig>> Rig::start(const RigPlan& plan) {
  TemporaryFolder folder = TRY(TemporaryFolder::make(plan.below));
  const int port = TRY(free_port());
  std::unique_ptr<Rig> rig(new Rig(plan, std::move(folder), port));
  std::filesystem::create_directory(rig->folder());
  std::filesystem::permissions(rig->folder(), std::filesystem::perms::owner_all);
  if (plan.tls) TRY(rig->make_certificate());
  TRY(rig->launch());
  const crypto::Secret credential = crypto::Secret::random(kCredentialBytes);
  TRY(rig->owner_->post_secret("/v1/init?slot=credential", text_of(credential.bytes())));
  return rig;
}

Result<void> Rig::make_certificate() {
  const std::string certificate = folder_.path() / "door.crt";
  Program openssl =
      TRY(Program::start({.words = {kOpenssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                    "/CN=vrm-bench", "-addext", "subjectAltName=IP:127.0.0.1",
                                    "-keyout", folder_.path() / "door.key", "-out", certificate},
                          .log = folder_.path() / "openssl.log"}));
  if (openssl.wait() != 0) return Error{ErrorCode::Unavailable, "openssl made no certificate"};
  if (::setenv("SSL_CERT_FILE", certificate.c_str(), 1) != 0) return refused_by_system("setenv");
  return {};
}

Result<void> Rig::launch() {
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  std::vector<std::string> words = {
      plan_.programs / "vrmd", "--vault", folder(), "--socket", socket(), "--brand-door", address,
      "--base", base(), "--allow-loopback-brands", "--rate-limit-per-minute", kRaisedLimit,
      // Its calls are no person's.
      "--idle-lock", "off", "--hard-lock", "off"};
  if (plan_.tls)
    words.insert(words.end(), {"--tls-cert", folder_.path() / "door.crt", "--tls-key",
                               folder_.path() / "door.key"});
  Program started = TRY(Program::start({.words = std::move(words),
                                        .core = plan_.core,
                                        .tells_ready = true,
                                        .log = folder_.path() / "vrmd.log"}));
  vrmd_ = std::make_unique<Program>(std::move(started));
  wait_for_next_second();
  owner_ = std::make_unique<Owner>(socket());
  return {};
}

Result<void> Rig::restart() {
  owner_.reset();
  vrmd_.reset();
  return launch();
}

Result<std::uint64_t> Rig::run_vrm(std::vector<std::string> words) {
  words.insert(words.begin(), plan_.programs / "vrm");
  const auto start = std::chrono::steady_clock::now();
  Program vrm =
      TRY(Program::start({.words = std::move(words),
                          .environment = {{"VRM_VAULT", folder()}, {"VRM_SOCKET", socket()}},
                          .log = folder_.path() / "vrm.log"}));
  const int code = vrm.wait();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  if (code != 0) {
    return Error{ErrorCode::Unavailable, "vrm ended with " + std::to_string(code)};
  }
  return static_cast<std::uint64_t>(took.count());
}

}  // namespace vrm::bench
