#include "cli/secret_source.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "cli/file.h"
#include "cli/process.h"
#include "cli/terminal.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kCredentialBytes = 32;

std::string text(const Settings& settings, std::string_view key) {
  return words::sentence(settings.language, key);
}

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

Result<WipedText> from_fd(const std::string& typed) {
  int fd = -1;
  const auto read = std::from_chars(typed.data(), typed.data() + typed.size(), fd);
  if (read.ec != std::errc() || read.ptr != typed.data() + typed.size() || fd < 0)
    return refusal(ErrorCode::Malformed, "usage.not_a_number", {{"typed", typed}});
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

// A source that a flag or the environment names; nothing when none does.
Result<std::optional<WipedText>> named_source(const Flags& flags) {
  using Found = std::optional<WipedText>;
  if (const auto fd = flag_value(flags, "password-fd")) return Found(TRY(from_fd(*fd)));
  if (const auto path = flag_value(flags, "password-file")) return Found(TRY(from_file(*path)));
  auto command =
      flag_value(flags, "password-command").value_or(environment("VRM_PASSWORD_COMMAND"));
  if (!command.empty()) return Found(TRY(from_program({"/bin/sh", "-c", std::move(command)})));
  return Found();
}

bool can_ask(const Settings& settings) {
  return !settings.no_input && has_terminal();
}

Result<WipedText> ask_elsewhere(const Settings& settings) {
  const auto program = environment("VRM_ASKPASS");
  if (settings.no_input || program.empty())
    return refusal(ErrorCode::Malformed, "input.passphrase");
  return from_program({program, text(settings, "ask.passphrase")});
}

Result<WipedText> ask_passphrase(const Settings& settings, std::string_view key) {
  auto typed = TRY(ask(text(settings, key), Echo::Hidden));
  if (typed.view().empty()) return refusal(ErrorCode::Malformed, "secret.empty");
  return typed;
}

}  // namespace

bool asks_person(const Flags& flags, const Settings& settings) {
  for (const auto* source : {"credential-file", "password-fd", "password-file", "password-command"})
    if (has_flag(flags, source)) return false;
  return environment("VRM_PASSWORD_COMMAND").empty() && can_ask(settings);
}

Result<SlotSecret> secret_to_open(const Flags& flags, const Settings& settings) {
  if (const auto path = flag_value(flags, "credential-file"))
    return SlotSecret{true, false, TRY(from_credential(*path))};
  auto named = TRY(named_source(flags));
  if (named) return SlotSecret{false, false, std::move(*named)};
  if (!can_ask(settings)) return SlotSecret{false, false, TRY(ask_elsewhere(settings))};
  return SlotSecret{false, true, TRY(ask_passphrase(settings, "ask.passphrase"))};
}

Result<SlotSecret> secret_to_make(const Flags& flags, const Settings& settings) {
  if (const auto path = flag_value(flags, "credential-file"))
    return SlotSecret{true, false, TRY(make_credential(*path))};
  auto named = TRY(named_source(flags));
  if (named) return SlotSecret{false, false, std::move(*named)};
  if (!can_ask(settings)) return SlotSecret{false, false, TRY(ask_elsewhere(settings))};
  auto first = TRY(ask_passphrase(settings, "ask.new_passphrase"));
  const auto again = TRY(ask_passphrase(settings, "ask.again"));
  if (first.view() != again.view()) return refusal(ErrorCode::Malformed, "secret.differs");
  return SlotSecret{false, true, std::move(first)};
}

}  // namespace vrm::cli
