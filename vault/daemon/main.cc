// vrmd, the vault's daemon.

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "vault/crypto/secret.h"
#include "vault/daemon/app.h"
#include "vault/words/words.h"

namespace {

using namespace vrm;

// Nothing of this process is left in a core file or read by another of the same user.
void keep_to_ourselves() {
  const rlimit none{0, 0};
  static_cast<void>(setrlimit(RLIMIT_CORE, &none));
  static_cast<void>(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  static_cast<void>(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  umask(S_IRWXG | S_IRWXO);
  // What C libraries give back is overwritten too, but for small pieces; of ours see wiped_heap.cc.
  constexpr int kPattern = 0x5a;
  static_cast<void>(mallopt(M_PERTURB, kPattern));
}

// The signals that the main thread waits for; no other thread sees them.
sigset_t awaited_signals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&awaited, signal);
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return awaited;
}

// As the vrm that starts us says (VRM_LANG), else as the person's session.
words::Language language() {
  const auto variable = [](const char* name) -> std::string_view {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  return words::language_from({.vrm_lang = variable("VRM_LANG"),
                               .lc_all = variable("LC_ALL"),
                               .lc_messages = variable("LC_MESSAGES"),
                               .lang = variable("LANG")});
}

void say(const std::string& sentence) {
  static_cast<void>(std::fprintf(stderr, "vrmd: %s\n", sentence.c_str()));
}

void warn_of_swap() {
  constexpr std::size_t kPage = 4096;
  if (crypto::Secret::zeros(kPage).is_locked()) return;
  say(words::sentence(language(), "start.keys_may_swap"));
}

void say_ready(const daemon::Config& config) {
  if (!config.ready_fd) return;
  constexpr std::string_view kReady = "ready\n";
  static_cast<void>(!write(*config.ready_fd, kReady.data(), kReady.size()));
  close(*config.ready_fd);
}

void serve(daemon::App& app, const sigset_t& awaited) {
  const timespec second{1, 0};
  while (true) {
    const int signal = sigtimedwait(&awaited, nullptr, &second);
    if (signal == SIGUSR1) app.lock();
    if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) return;
    if (signal < 0) app.tick();
  }
}

int fail(const Error& error) {
  say(words::sentence(language(), error));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    static_cast<void>(std::fputs(std::string(daemon::usage()).c_str(), stdout));
    return 0;
  }
  keep_to_ourselves();
  warn_of_swap();
  const sigset_t awaited = awaited_signals();
  auto read = daemon::read_config(arguments);
  if (!read.ok()) return fail(read.error());
  daemon::Config config = std::move(read).value();
  config.language = language();
  if (config.policies.empty())
    config.policies = daemon::default_policies(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME"));
  if (config.anchors.empty())
    config.anchors = daemon::default_anchors(std::getenv("XDG_STATE_HOME"), std::getenv("HOME"));
  const auto app = daemon::App::start(config, [] { kill(getpid(), SIGTERM); });
  if (!app.ok()) return fail(app.error());
  say_ready(config);
  serve(*app.value(), awaited);
  return 0;
}
