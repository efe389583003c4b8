#pragma once
// The functions and methods of Cedar's extension types.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policies/cedar/value.h"
#include "vault/base/result.h"

namespace cedar {

enum class Extension {
  Decimal,
  Ip,
  Datetime,
  Duration,
  LessThan,
  LessThanOrEqual,
  GreaterThan,
  GreaterThanOrEqual,
  IsIpv4,
  IsIpv6,
  IsLoopback,
  IsMulticast,
  IsInRange,
  Offset,
  DurationSince,
  ToDate,
  ToTime,
  ToMilliseconds,
  ToSeconds,
  ToMinutes,
  ToHours,
  ToDays,
  Unknown,
};

enum class CallStyle { Function, Method };

struct ExtensionDescription {
  std::string_view name;
  CallStyle style;
  std::size_t arguments;  // the object of a method counts
  // The types of these and of the answer: Bool, Long, String, or an extension type. "": any, of `unknown`.
  std::array<std::string_view, 2> takes;
  std::string_view gives;
};

const ExtensionDescription& describe(Extension extension);

// Nothing: no such function or method.
std::optional<Extension> find_extension(std::string_view name);

// Malformed: the wrong number or kinds of arguments, a text the constructor refuses, or an answer
// beyond int64. `unknown` belongs to partial evaluation; a call of it always fails.
vrm::Result<Value> call_extension(Extension extension, std::span<const Value> arguments);

}  // namespace cedar
