#include "cli/call.h"

#include "cli/document.h"
#include "cli/suggest.h"
#include "vault/base/check.h"

namespace vrm::cli {

namespace {

// `-` alone and a negative number are arguments.
bool is_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

// A flag as typed: `--name`, `--name=value` or `-n`.
struct TypedFlag {
  std::string_view name;
  std::optional<std::string_view> value;
};

TypedFlag split(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == word.npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

const Flag* match(const std::vector<Flag>& flags, std::string_view typed) {
  for (const auto& flag : flags) {
    if (typed.starts_with("--") && typed.substr(2) == flag.name) return &flag;
    if (flag.letter != 0 && typed.size() == 2 && typed[0] == '-' && typed[1] == flag.letter)
      return &flag;
  }
  return nullptr;
}

// Puts the flag at words[at] into `flags` and moves `at` to its last word.
Result<void> take(const Flag& flag, const TypedFlag& typed, const std::vector<std::string>& words,
                  std::size_t& at, Flags& flags) {
  const Gaps name = {{"flag", "--" + std::string(flag.name)}, {"value", std::string(flag.value)}};
  auto& values = flags[std::string(flag.name)];
  if (flag.value.empty()) {
    if (typed.value) return refusal(ErrorCode::Malformed, "usage.flag_takes_no_value", name);
    values.emplace_back();
    return {};
  }
  if (typed.value) {
    values.emplace_back(*typed.value);
    return {};
  }
  // A flag behind it is one that was typed, not its value: `--near --dry-run` must not send. (`--near=--x` says so.)
  if (at + 1 >= words.size() || is_flag(words[at + 1]))
    return refusal(ErrorCode::Malformed, "usage.flag_needs_value", name);
  values.push_back(words[++at]);
  return {};
}

// What was typed may hold a secret behind the name, so only the name is said.
Error unknown_flag(std::string_view typed, const Command& command) {
  std::vector<std::string> names;
  for (const auto& flag : command.flags) names.push_back("--" + std::string(flag.name));
  for (const auto& flag : global_flags()) names.push_back("--" + std::string(flag.name));
  const auto near = suggestions(typed, names);
  return refusal(ErrorCode::Malformed, near.empty() ? "usage.no_flag" : "usage.no_flag_near",
                 {{"flag", std::string(typed)},
                  {"command", std::string(command.name)},
                  {"names", joined(near)}});
}

Error unknown_command(const std::vector<std::string>& rest) {
  const bool family = rest.size() > 1 && (!meaning_of(rest[0]).empty() || is_family(rest[0]));
  const std::string typed = family ? rest[0] + " " + rest[1] : rest[0];
  std::vector<std::string> names;
  for (const auto& command : commands()) {
    const auto word = command.name.substr(0, family ? command.name.npos : command.name.find(' '));
    if (names.empty() || names.back() != word) names.emplace_back(word);
  }
  const auto near = suggestions(typed, names);
  return refusal(ErrorCode::Malformed, near.empty() ? "usage.no_command" : "usage.no_command_near",
                 {{"typed", typed}, {"names", joined(near)}});
}

// Whether a noun stands with more than the flags of the command it is alone.
bool has_more(const std::vector<std::string>& rest) {
  const auto* alone = find_command(meaning_of(rest[0]));
  VRM_CHECK(alone != nullptr);
  for (std::size_t at = 1; at < rest.size(); ++at)
    if (!is_flag(rest[at]) || match(alone->flags, split(rest[at]).name) == nullptr) return true;
  return false;
}

// `intent shwo in_7F` was meant as a verb, `intent shoe --to velo` was not.
bool is_verb_misspelt(const std::vector<std::string>& rest) {
  std::vector<std::string> verbs;
  for (const auto& command : commands())
    if (command.name.starts_with(rest[0] + " "))
      verbs.emplace_back(command.name.substr(rest[0].size() + 1));
  bool has_flags = false;
  for (const auto& word : rest) has_flags = has_flags || is_flag(word);
  return !has_flags && rest.size() <= 3 && !suggestions(rest[1], verbs).empty();
}

// The command that the first words name, and how many words that took.
std::pair<const Command*, std::size_t> named(const std::vector<std::string>& rest) {
  if (rest.size() > 1)
    if (const auto* two = find_command(rest[0] + " " + rest[1])) return {two, 2};
  if (const auto* one = find_command(rest[0])) return {one, 1};
  const auto with_more = meaning_with_more(rest[0]);
  if (!with_more.empty() && has_more(rest)) {
    if (is_verb_misspelt(rest)) return {nullptr, 0};
    return {find_command(with_more), 1};
  }
  const auto meaning = meaning_of(rest[0]);
  if (meaning.empty()) return {nullptr, 0};
  // A noun alone lists; with another word behind it, that word was meant as its verb.
  const bool noun = meaning.starts_with(rest[0] + " ");
  if (noun && rest.size() > 1 && !is_flag(rest[1])) return {nullptr, 0};
  return {find_command(meaning), 1};
}

Result<void> check_count(const Call& call) {
  const auto& command = *call.command;
  std::string usage(command.name);
  if (!command.arguments.empty()) usage += " " + std::string(command.arguments);
  const Gaps with = {{"usage", usage}, {"command", std::string(command.name)}};
  if (call.arguments.size() < command.least)
    return refusal(ErrorCode::Malformed, "usage.too_few", with);
  if (call.arguments.size() > command.most)
    return refusal(ErrorCode::Malformed, "usage.too_many", with);
  return {};
}

}  // namespace

bool has_flag(const Flags& flags, std::string_view name) {
  return flags.contains(name);
}

std::optional<std::string> flag_value(const Flags& flags, std::string_view name) {
  const auto found = flags.find(name);
  if (found == flags.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

Result<Typed> take_global_flags(const std::vector<std::string>& arguments) {
  Typed typed;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    if (arguments[at] == "--") {
      for (; at < arguments.size(); ++at) typed.rest.push_back(arguments[at]);
      break;
    }
    const auto flag = split(arguments[at]);
    const Flag* known = match(global_flags(), flag.name);
    if (known == nullptr)
      typed.rest.push_back(arguments[at]);
    else
      TRY(take(*known, flag, arguments, at, typed.global));
  }
  return typed;
}

Result<Call> read_call(const std::vector<std::string>& rest) {
  VRM_CHECK(!rest.empty());
  if (is_flag(rest[0]))
    return refusal(ErrorCode::Malformed, "usage.no_global_flag",
                   {{"flag", std::string(split(rest[0]).name)}});
  const auto [command, words] = named(rest);
  if (command == nullptr) return unknown_command(rest);
  Call call{command, {}, {}};
  bool only_arguments = false;
  for (std::size_t at = words; at < rest.size(); ++at) {
    if (only_arguments || !is_flag(rest[at])) {
      call.arguments.push_back(rest[at]);
    } else if (rest[at] == "--") {
      only_arguments = true;
    } else {
      const auto typed = split(rest[at]);
      const Flag* known = match(command->flags, typed.name);
      if (known == nullptr) return unknown_flag(typed.name, *command);
      TRY(take(*known, typed, rest, at, call.flags));
    }
  }
  TRY(check_count(call));
  return call;
}

}  // namespace vrm::cli
