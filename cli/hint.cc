#include "cli/hint.h"

#include "cli/command.h"

namespace vrm::cli {

namespace {

constexpr std::string_view kProgram = "vrm ";
constexpr std::string_view kOfName = "abcdefghijklmnopqrstuvwxyz";

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%=";
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string_view word_at(std::string_view text) {
  return text.substr(0, text.find_first_not_of(kOfName));
}

// How long the name of the command is that `text` begins with; 0 when it is none that asks a vault.
std::size_t name_length(std::string_view text) {
  constexpr std::string_view kSomeVerb = "{verb}";
  if (text.starts_with(kSomeVerb)) return kSomeVerb.size();
  const auto noun = word_at(text);
  if (noun.empty() || noun == "help") return 0;
  const auto behind = text.substr(noun.size());
  const auto verb = behind.starts_with(' ') ? word_at(behind.substr(1)) : std::string_view();
  const auto both = text.substr(0, noun.size() + 1 + verb.size());
  if (!verb.empty() && find_command(both) != nullptr) return both.size();
  return find_command(noun) != nullptr || is_family(noun) ? noun.size() : 0;
}

// Up to the next command or the end of the line.
bool names_its_own(std::string_view rest) {
  rest = rest.substr(0, rest.find('\n'));
  rest = rest.substr(0, rest.find(kProgram));
  return rest.find("--vault") != rest.npos || rest.find("--socket") != rest.npos ||
         rest.find("--into") != rest.npos;
}

bool stands_as_command(std::string_view before) {
  if (before.ends_with("; ")) return false;  // "…; vrm import told it"
  return before.empty() || std::string_view(" \n(").find(before.back()) != std::string_view::npos;
}

}  // namespace

std::string typed_vault(const Flags& global) {
  std::string flags;
  for (const auto* name : {"vault", "socket"})
    if (const auto value = flag_value(global, name); value && !value->empty())
      flags += (flags.empty() ? "--" : " --") + std::string(name) + " " + shell_word(*value);
  return flags;
}

std::string for_vault(std::string_view text, std::string_view flags) {
  if (flags.empty()) return std::string(text);
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find(kProgram); at != text.npos; at = text.find(kProgram, at + 1)) {
    const auto name = text.substr(at + kProgram.size());
    const auto length = name_length(name);
    if (length == 0 || !stands_as_command(text.substr(0, at)) || names_its_own(name)) continue;
    const auto end = at + kProgram.size() + length;
    out.append(text.substr(done, end - done)).append(" ").append(flags);
    done = end;
  }
  return out.append(text.substr(done));
}

bool tells_commands(std::string_view key) {
  for (const std::string_view explains : {"command.", "help.", "flag.", "lock_why."})
    if (key.starts_with(explains)) return false;
  return true;
}

}  // namespace vrm::cli
