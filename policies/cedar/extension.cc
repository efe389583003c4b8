#include "policies/cedar/extension.h"

#include <array>

#include "policies/cedar/string_literal.h"

namespace cedar {

namespace {

using enum CallStyle;

// In the order of the enumeration.
constexpr std::array<ExtensionDescription, 23> kExtensions{{
    {"decimal", Function, 1, {"String", ""}, "decimal"},
    {"ip", Function, 1, {"String", ""}, "ipaddr"},
    {"datetime", Function, 1, {"String", ""}, "datetime"},
    {"duration", Function, 1, {"String", ""}, "duration"},
    {"lessThan", Method, 2, {"decimal", "decimal"}, "Bool"},
    {"lessThanOrEqual", Method, 2, {"decimal", "decimal"}, "Bool"},
    {"greaterThan", Method, 2, {"decimal", "decimal"}, "Bool"},
    {"greaterThanOrEqual", Method, 2, {"decimal", "decimal"}, "Bool"},
    {"isIpv4", Method, 1, {"ipaddr", ""}, "Bool"},
    {"isIpv6", Method, 1, {"ipaddr", ""}, "Bool"},
    {"isLoopback", Method, 1, {"ipaddr", ""}, "Bool"},
    {"isMulticast", Method, 1, {"ipaddr", ""}, "Bool"},
    {"isInRange", Method, 2, {"ipaddr", "ipaddr"}, "Bool"},
    {"offset", Method, 2, {"datetime", "duration"}, "datetime"},
    {"durationSince", Method, 2, {"datetime", "datetime"}, "duration"},
    {"toDate", Method, 1, {"datetime", ""}, "datetime"},
    {"toTime", Method, 1, {"datetime", ""}, "duration"},
    {"toMilliseconds", Method, 1, {"duration", ""}, "Long"},
    {"toSeconds", Method, 1, {"duration", ""}, "Long"},
    {"toMinutes", Method, 1, {"duration", ""}, "Long"},
    {"toHours", Method, 1, {"duration", ""}, "Long"},
    {"toDays", Method, 1, {"duration", ""}, "Long"},
    {"unknown", Function, 1, {"", ""}, ""},
}};
static_assert(kExtensions.size() == static_cast<std::size_t>(Extension::Unknown) + 1);

vrm::Error failure(std::string message) {
  return vrm::Error{vrm::ErrorCode::Malformed, std::move(message)};
}

template <typename T>
constexpr std::string_view kArgumentKind = "";
template <>
constexpr std::string_view kArgumentKind<std::string> = "string";
template <>
constexpr std::string_view kArgumentKind<Decimal> = "decimal";
template <>
constexpr std::string_view kArgumentKind<IpAddress> = "ipaddr";
template <>
constexpr std::string_view kArgumentKind<Datetime> = "datetime";
template <>
constexpr std::string_view kArgumentKind<Duration> = "duration";

template <typename T>
vrm::Result<T> expect(const Value& value) {
  if (const T* found = value.get<T>()) return *found;
  return failure("type error: expected " + std::string(kArgumentKind<T>) + ", got " +
                 value.type_name());
}

template <typename T>
vrm::Result<Value> construct(std::string_view type, const Value& argument) {
  const std::string text = TRY(expect<std::string>(argument));
  auto made = T::parse(text);
  if (!made.ok())
    return failure("error while evaluating `" + std::string(type) +
                   "` extension function: " + made.error().message);
  return Value(std::move(made).value());
}

template <typename T>
vrm::Result<Value> overflow_or(const std::optional<T>& answer, std::string_view what) {
  if (!answer)
    return failure(
        "error while evaluating `datetime` extension function: overflow when computing " +
        std::string(what));
  return Value(*answer);
}

vrm::Result<Value> call_constructor(Extension extension, const Value& argument) {
  if (extension == Extension::Decimal) return construct<Decimal>("decimal", argument);
  if (extension == Extension::Ip) return construct<IpAddress>("ipaddr", argument);
  if (extension == Extension::Datetime) return construct<Datetime>("datetime", argument);
  if (extension == Extension::Duration) return construct<Duration>("duration", argument);
  const std::string name = TRY(expect<std::string>(argument));
  return failure("the expression contains unknown(s): `unknown(" + quote_string(name) + ")`");
}

vrm::Result<Value> call_decimal(Extension extension, const Value& left, const Value& right) {
  const Decimal a = TRY(expect<Decimal>(left));
  const Decimal b = TRY(expect<Decimal>(right));
  if (extension == Extension::LessThan) return Value(a < b);
  if (extension == Extension::LessThanOrEqual) return Value(a <= b);
  if (extension == Extension::GreaterThan) return Value(a > b);
  return Value(a >= b);
}

vrm::Result<Value> call_ip(Extension extension, const Value& object) {
  const IpAddress ip = TRY(expect<IpAddress>(object));
  if (extension == Extension::IsIpv4) return Value(ip.is_v4());
  if (extension == Extension::IsIpv6) return Value(ip.is_v6());
  if (extension == Extension::IsLoopback) return Value(ip.is_loopback());
  return Value(ip.is_multicast());
}

vrm::Result<Value> call_duration(Extension extension, const Value& object) {
  const Duration duration = TRY(expect<Duration>(object));
  if (extension == Extension::ToMilliseconds) return Value(duration.ms);
  if (extension == Extension::ToSeconds) return Value(duration.seconds());
  if (extension == Extension::ToMinutes) return Value(duration.minutes());
  if (extension == Extension::ToHours) return Value(duration.hours());
  return Value(duration.days());
}

vrm::Result<Value> call_datetime(Extension extension, const Value& object) {
  const Datetime at = TRY(expect<Datetime>(object));
  if (extension == Extension::ToTime) return Value(at.to_time());
  return overflow_or(at.to_date(), "the date");
}

vrm::Result<Value> call_two_times(Extension extension, const Value& object, const Value& argument) {
  const Datetime at = TRY(expect<Datetime>(object));
  if (extension == Extension::Offset) {
    const Duration by = TRY(expect<Duration>(argument));
    return overflow_or(at.offset(by), "the offset");
  }
  const Datetime earlier = TRY(expect<Datetime>(argument));
  return overflow_or(at.since(earlier), "the duration");
}

}  // namespace

const ExtensionDescription& describe(Extension extension) {
  return kExtensions[static_cast<std::size_t>(extension)];
}

std::optional<Extension> find_extension(std::string_view name) {
  for (std::size_t i = 0; i < kExtensions.size(); ++i)
    if (kExtensions[i].name == name) return static_cast<Extension>(i);
  return std::nullopt;
}

vrm::Result<Value> call_extension(Extension extension, std::span<const Value> arguments) {
  const auto& description = describe(extension);
  if (arguments.size() != description.arguments)
    return failure("wrong number of arguments provided to extension function `" +
                   std::string(description.name) + "`: expected " +
                   std::to_string(description.arguments) + ", got " +
                   std::to_string(arguments.size()));
  switch (extension) {
    case Extension::Decimal:
    case Extension::Ip:
    case Extension::Datetime:
    case Extension::Duration:
    case Extension::Unknown:
      return call_constructor(extension, arguments[0]);
    case Extension::LessThan:
    case Extension::LessThanOrEqual:
    case Extension::GreaterThan:
    case Extension::GreaterThanOrEqual:
      return call_decimal(extension, arguments[0], arguments[1]);
    case Extension::IsIpv4:
    case Extension::IsIpv6:
    case Extension::IsLoopback:
    case Extension::IsMulticast:
      return call_ip(extension, arguments[0]);
    case Extension::IsInRange: {
      const IpAddress ip = TRY(expect<IpAddress>(arguments[0]));
      const IpAddress range = TRY(expect<IpAddress>(arguments[1]));
      return Value(ip.is_in_range(range));
    }
    case Extension::Offset:
    case Extension::DurationSince:
      return call_two_times(extension, arguments[0], arguments[1]);
    case Extension::ToDate:
    case Extension::ToTime:
      return call_datetime(extension, arguments[0]);
    case Extension::ToMilliseconds:
    case Extension::ToSeconds:
    case Extension::ToMinutes:
    case Extension::ToHours:
    case Extension::ToDays:
      return call_duration(extension, arguments[0]);
  }
  return failure("no such extension function");
}

}  // namespace cedar
