// Any bytes typed as a value of any type: the canonical text is its own, and a brand gets strict
// JSON of it.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/profile/value.h"

using namespace vrm::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<Type>(data[0] % (static_cast<int>(Type::Bool) + 1));
  const std::string_view typed(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto parsed = parse_value(type, "some.field", typed, "cm");
  if (!parsed.ok()) {
    VRM_CHECK(parsed.error().message == parsed.error().say);
    return 0;
  }
  const auto again = parse_value(type, "some.field", parsed.value(), "cm");
  VRM_CHECK(again.ok() && again.value() == parsed.value());
  std::string text = "{";
  append_value_json(type, parsed.value(), text);
  const auto json = vrm::read_json(text + "}");
  VRM_CHECK(json.ok());
  if (type == Type::Text || type == Type::Multiline) {
    VRM_CHECK(parsed.value() == typed);
    VRM_CHECK(json.value()["value"].get<std::string>() == typed);
  }
  return 0;
}
