#include "cli/secret_source.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "cli/file.h"
#include "cli/process.h"
#include "cli/terminal.h"
#include "vault/api/secrets.h"
#include "vault/base/ascii.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kCredentialBytes = 32;

// Malformed: somebody else may read it, or it is no file.
Result<File> open_private(const std::string& path) {
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.fd() < 0) return system_error(path);
  struct stat facts {};
  if (fstat(file.fd(), &facts) != 0) return system_error(path);
  if (!S_ISREG(facts.st_mode))
    return refusal(ErrorCode::Malformed, "secret.no_file", {{"path", path}});
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refusal(ErrorCode::Malformed, "secret.readable_by_others", {{"path", path}});
  return file;
}

Result<WipedText> first_line(WipedText secret) {
  secret.keep_first_line();
  if (secret.view().empty()) return refusal(ErrorCode::Malformed, "secret.empty");
  return secret;
}

Result<int> descriptor(const std::string& typed) {
  int fd = -1;
  const auto read = std::from_chars(typed.data(), typed.data() + typed.size(), fd);
  if (read.ec != std::errc() || read.ptr != typed.data() + typed.size() || fd < 0)
    return refusal(ErrorCode::Malformed, "usage.not_a_number", {{"typed", typed}});
  return fd;
}

Result<WipedText> from_fd(const std::string& typed) {
  const int fd = TRY(descriptor(typed));
  auto secret = TRY(read_secret(fd));
  return first_line(std::move(secret));
}

Result<WipedText> from_file(const std::string& path) {
  const File file = TRY(open_private(path));
  auto secret = TRY(read_secret(file.fd()));
  return first_line(std::move(secret));
}

Result<WipedText> from_program(const std::vector<std::string>& program) {
  auto secret = TRY(output_of(program));
  return first_line(std::move(secret));
}

Result<WipedText> from_credential(const std::string& path) {
  const File file = TRY(open_private(path));
  auto secret = TRY(read_secret(file.fd()));
  if (secret.view().size() != kCredentialBytes)
    return refusal(ErrorCode::Malformed, "secret.no_credential", {{"path", path}});
  return secret;
}

Result<WipedText> make_credential(const std::string& path) {
  WipedText secret;
  if (getrandom(secret.free_room().data(), kCredentialBytes, 0) != kCredentialBytes)
    return system_error(path);
  secret.grow(kCredentialBytes);
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0 && errno == EEXIST)
    return refusal(ErrorCode::Conflict, "secret.credential_exists", {{"path", path}});
  if (file.fd() < 0) return system_error(path);
  TRY(write_all(file.fd(), secret.view()));
  if (fsync(file.fd()) != 0) return system_error(path);
  return secret;
}

// The lines that begin with a number, as those of a sheet; the whole text when there is none.
WipedText numbered_lines(WipedText text) {
  WipedText numbered;
  for (auto rest = text.view(); !rest.empty();) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    const auto first = line.find_first_not_of(" \t");
    if (first == line.npos || line[first] < '0' || line[first] > '9') continue;
    std::ranges::copy(line, numbered.free_room().begin());
    numbered.grow(line.size());
  }
  return numbered.view().empty() ? std::move(text) : std::move(numbered);
}

// Words from where a flag says; nothing when none does.
Result<std::optional<WipedText>> named_words(const Flags& flags) {
  using Found = std::optional<WipedText>;
  if (const auto typed = flag_value(flags, "words-fd")) {
    const int fd = TRY(descriptor(*typed));
    return Found(numbered_lines(TRY(read_secret(fd))));
  }
  const auto path = flag_value(flags, "words-file");
  if (!path) return Found();
  const File file = TRY(open_private(*path));
  return Found(numbered_lines(TRY(read_secret(file.fd()))));
}

// A source that a flag of this beginning or the environment names; nothing when none does.
Result<std::optional<WipedText>> named_source(const Flags& flags, const std::string& beginning,
                                              const char* variable) {
  using Found = std::optional<WipedText>;
  if (const auto fd = flag_value(flags, beginning + "-fd")) return Found(TRY(from_fd(*fd)));
  if (const auto path = flag_value(flags, beginning + "-file")) return Found(TRY(from_file(*path)));
  auto command = flag_value(flags, beginning + "-command")
                     .value_or(variable == nullptr ? "" : environment(variable));
  if (!command.empty()) return Found(TRY(from_program({"/bin/sh", "-c", std::move(command)})));
  return Found();
}

constexpr const char* kPassword = "password";
constexpr const char* kNewPassword = "new-password";
constexpr const char* kCommandVariable = "VRM_PASSWORD_COMMAND";

bool can_ask(const Settings& settings) {
  return !settings.no_input && has_terminal();
}

// The rule that a question for a new passphrase tells.
Gaps shortest() {
  return {{"n", std::to_string(api::kShortestPassphrase)}};
}

// By VRM_ASKPASS, or else the refusal `otherwise`.
Result<WipedText> ask_elsewhere(const Screen& screen, std::string_view question,
                                const char* otherwise) {
  const auto program = environment("VRM_ASKPASS");
  if (screen.settings().no_input || program.empty())
    return refusal(ErrorCode::Malformed, otherwise);
  return from_program({program, screen.text(question, shortest())});
}

// What is said of a slip above the question that comes again; "" where asking again mends nothing.
std::string_view slip(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> kSlips[] = {
      {"secret.empty", "ask.slip_empty"},
      {"secret.differs", "ask.slip_differs"},
      {"secret.differs_kept", "ask.slip_differs"},
      {"vault.short_passphrase", "ask.slip_short"},
      {"recovery.count", "ask.slip_count"}};
  for (const auto& [say, said] : kSlips)
    if (error.say == say) return said;
  return "";
}

// Calls `once` with what stands above its question until it makes no slip, kMostTries times in all.
template <typename Once>
Result<WipedText> ask_again(const Screen& screen, Once once) {
  std::string above;
  for (int left = kMostTries;; --left) {
    auto typed = once(above);
    if (typed.ok() || left == 1) return typed;
    const auto said = slip(typed.error());
    if (said.empty()) return typed;
    above = screen.question(said, typed.error().with) + "\n";
  }
}

Result<WipedText> ask_hidden(const Screen& screen, std::string_view key,
                             const std::string& above = "") {
  auto typed = TRY(ask(above + screen.question(key, shortest()), Echo::Hidden));
  if (typed.view().empty()) return refusal(ErrorCode::Malformed, "secret.empty");
  return typed;
}

// Before it is asked for again, and before a second goes by with making its key. Malformed
// (vault.short_passphrase).
Result<void> check_length(const WipedText& fresh) {
  if (fresh.view().size() >= api::kShortestPassphrase) return {};
  return refusal(ErrorCode::Malformed, "vault.short_passphrase", shortest());
}

// Whether they are the right ones, the daemon knows. Malformed (recovery.count).
Result<void> check_count(const WipedText& words) {
  std::size_t count = 0;
  bool inside = false;
  for (const char c : words.view()) {
    const bool is_part = is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
    if (is_part && !inside) ++count;
    inside = is_part;
  }
  if (count == api::kRecoveryWords) return {};
  return refusal(ErrorCode::Malformed, "recovery.count", {{"n", std::to_string(count)}});
}

// Malformed: the last try was no better; `differs` when the two were not the same.
Result<WipedText> ask_twice(const Screen& screen, std::string_view key, const char* differs) {
  const auto once = [&](const std::string& above) -> Result<WipedText> {
    auto first = TRY(ask_hidden(screen, key, above));
    TRY(check_length(first));
    const auto again = TRY(ask(screen.question("ask.again", {}), Echo::Hidden));
    if (first.view() != again.view()) return refusal(ErrorCode::Malformed, differs);
    return first;
  };
  return ask_again(screen, once);
}

Result<WipedText> ask_once(const Screen& screen, std::string_view key) {
  return ask_again(screen,
                   [&](const std::string& above) { return ask_hidden(screen, key, above); });
}

Result<WipedText> ask_words(const Screen& screen) {
  const auto once = [&](const std::string& above) -> Result<WipedText> {
    auto typed = TRY(ask_hidden(screen, "ask.words", above));
    TRY(check_count(typed));
    return typed;
  };
  return ask_again(screen, once);
}

}  // namespace

std::string_view to_string(Slot slot) {
  if (slot == Slot::Passphrase) return "passphrase";
  return slot == Slot::Credential ? "credential" : "recovery";
}

bool asks_person(const Flags& flags, const Settings& settings) {
  for (const auto* source : {"credential-file", "words-fd", "words-file"})
    if (has_flag(flags, source)) return false;
  if (has_flag(flags, "words")) return can_ask(settings);
  for (const auto* source : {"password-fd", "password-file", "password-command"})
    if (has_flag(flags, source)) return false;
  return environment(kCommandVariable).empty() && can_ask(settings);
}

bool asks_new_passphrase(const Flags& flags, const Settings& settings) {
  for (const auto* source : {"new-password-fd", "new-password-file", "new-password-command"})
    if (has_flag(flags, source)) return false;
  return can_ask(settings);
}

Result<SlotSecret> secret_to_open(const Flags& flags, const Screen& screen,
                                  std::string_view question) {
  if (const auto path = flag_value(flags, "credential-file"))
    return SlotSecret{Slot::Credential, false, TRY(from_credential(*path))};
  for (const auto* source : {"words-fd", "words-file", "words"})
    if (has_flag(flags, source)) return words_to_open(flags, screen);
  auto named = TRY(named_source(flags, kPassword, kCommandVariable));
  if (named) return SlotSecret{Slot::Passphrase, false, std::move(*named)};
  auto secret =
      TRY(can_ask(screen.settings()) ? ask_once(screen, question)
                                     : ask_elsewhere(screen, question, "input.passphrase"));
  return SlotSecret{Slot::Passphrase, can_ask(screen.settings()), std::move(secret)};
}

Result<SlotSecret> secret_to_make(const Flags& flags, const Screen& screen) {
  if (const auto path = flag_value(flags, "credential-file"))
    return SlotSecret{Slot::Credential, false, TRY(make_credential(*path))};
  auto named = TRY(named_source(flags, kPassword, kCommandVariable));
  if (named) TRY(check_length(*named));
  if (named) return SlotSecret{Slot::Passphrase, false, std::move(*named)};
  auto secret = TRY(can_ask(screen.settings())
                        ? ask_twice(screen, "ask.first_passphrase", "secret.differs")
                        : ask_elsewhere(screen, "ask.first_passphrase", "input.passphrase"));
  TRY(check_length(secret));
  return SlotSecret{Slot::Passphrase, can_ask(screen.settings()), std::move(secret)};
}

Result<SlotSecret> words_to_open(const Flags& flags, const Screen& screen) {
  auto named = TRY(named_words(flags));
  if (named) return SlotSecret{Slot::Recovery, false, std::move(*named)};
  if (!can_ask(screen.settings())) return refusal(ErrorCode::Malformed, "input.words");
  auto typed = TRY(ask_words(screen));
  return SlotSecret{Slot::Recovery, true, std::move(typed)};
}

Result<WipedText> new_passphrase(const Flags& flags, const Screen& screen) {
  auto named = TRY(named_source(flags, kNewPassword, nullptr));
  if (!named && can_ask(screen.settings()))
    return ask_twice(screen, "ask.new_passphrase", "secret.differs_kept");
  if (!named) named = TRY(ask_elsewhere(screen, "ask.new_passphrase", "input.new_passphrase"));
  TRY(check_length(*named));
  return std::move(*named);
}

}  // namespace vrm::cli
