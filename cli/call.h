#pragma once
// What was typed, understood against the table of commands.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "vault/base/result.h"

namespace vrm::cli {

// Flags by name; a switch has one empty value for each time it stands.
using Flags = std::map<std::string, std::vector<std::string>, std::less<>>;

bool has_flag(const Flags& flags, std::string_view name);
// The last value given.
std::optional<std::string> flag_value(const Flags& flags, std::string_view name);

struct Typed {
  Flags global;
  std::vector<std::string> rest;  // without the global flags
};

// Takes the global flags out, wherever they stand before a `--`.
// Malformed: one lacks its value, has one too many, or has one it does not know.
Result<Typed> take_global_flags(const std::vector<std::string>& arguments);

struct Call {
  const Command* command = nullptr;
  Flags flags;
  std::vector<std::string> arguments;
};

// REQUIRES: `rest` is not empty.
// Malformed: no such command or flag (with the nearest names), a value missing, too few or too many
// arguments.
Result<Call> read_call(const std::vector<std::string>& rest);

}  // namespace vrm::cli
