#include "cli/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <nlohmann/json.hpp>

#include "vault/base/text.h"

namespace vrm::cli {

namespace {

enum Stage { kNothing, kUnderWay, kFollowing, kStages };

// The only state that the handler can reach; the texts change only while the signal is blocked.
struct Told {
  std::array<std::string, kStages> texts;
  std::atomic<int> stage = kNothing;
};
Told& told() {
  static Told& made = *new Told;  // outlives whatever thread the signal comes to
  return made;
}

// Where to look after a command that may have been done.
std::string look_after(std::string_view command) {
  struct Look {
    std::string_view begins;
    const char* command;
  };
  constexpr Look kLooks[] = {{"accept", "vrm intent list --all"},
                             {"intent", "vrm intent list --all"},
                             {"offer", "vrm offers"},
                             {"decline", "vrm offers"},
                             {"approve", "vrm request list --all"},
                             {"deny", "vrm request list --all"},
                             {"grant", "vrm grants --all"},
                             {"revoke", "vrm grants --all"},
                             {"confirm", "vrm grants --all"},
                             {"set", "vrm list"},
                             {"unset", "vrm list"},
                             {"import", "vrm list"},
                             {"history", "vrm list"},
                             {"doc", "vrm doc list"},
                             {"brand", "vrm brand list"},
                             {"forget", "vrm log --limit 5"},
                             {"export", "vrm log --limit 5"}};
  const auto word = command.substr(0, command.find(' '));
  for (const auto& look : kLooks)
    if (word == look.begins) return look.command;
  return "vrm status";
}

std::string shown(const Screen& screen, std::string_view key, const Gaps& with) {
  const auto said = screen.text(key, with);
  if (screen.settings().json)
    return safe_json({{"note", {{"say", key}, {"message", said}}}}) + "\n";
  // Behind the ^C that the terminal shows.
  std::string out = isatty(STDERR_FILENO) == 1 ? "\nvrm: " : "vrm: ";
  for (const char c : said) out += c == '\n' ? std::string("\n     ") : std::string(1, c);
  return out + "\n";
}

// Only what is safe in a handler.
void end_with_a_word(int) {
  const auto& text = told().texts[static_cast<std::size_t>(told().stage.load())];
  constexpr int kDroppedMs = 50;  // a terminal drops what is written around the Ctrl-C
  poll(nullptr, 0, kDroppedMs);
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigaction(SIGINT, &usual, nullptr);
  sigset_t interrupt{};
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  raise(SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
}

void replace_text(Stage stage, std::string text) {
  sigset_t interrupt{};
  sigset_t before{};
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &before);
  told().texts[static_cast<std::size_t>(stage)] = std::move(text);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void tell_when_interrupted(const Screen& screen, std::string_view command) {
  struct sigaction before {};
  if (sigaction(SIGINT, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  replace_text(kUnderWay, shown(screen, "interrupted.under_way",
                                {{"look", screen.command(look_after(command))}}));
  replace_text(kNothing, shown(screen, "interrupted.nothing", {}));
  struct sigaction ending {};
  ending.sa_handler = end_with_a_word;
  sigaction(SIGINT, &ending, nullptr);
}

void interrupted_leaves_daemon(const Screen& screen, const std::string& folder) {
  replace_text(kNothing, shown(screen, "interrupted.daemon_stays", {{"folder", folder}}));
}

UnderWay::UnderWay(bool changes) : before_(told().stage) {
  if (changes) told().stage = kUnderWay;
}

void UnderWay::was_refused() {
  told().stage = before_;
}

void interrupted_says(const Screen& screen, std::string_view key, const Gaps& with) {
  replace_text(kFollowing, shown(screen, key, with));
  told().stage = kFollowing;
}

}  // namespace vrm::cli
