// Any bytes as the text of a schema, and as its JSON: read or refused; what is read has one JSON form, whichever way it goes, and
// can be looked up and validated against.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "policies/cedar/schema.h"
#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_parser.h"
#include "policies/cedar/schema_text.h"
#include "policies/cedar/validator.h"
#include "vault/base/check.h"

namespace {

void check_schema(const cedar::SchemaFragment& fragment, bool was_text) {
  const auto json = cedar::schema_to_json(fragment);
  const auto again = cedar::schema_from_json(json);
  VRM_CHECK(again.ok());
  VRM_CHECK(cedar::schema_to_json(again.value()) == json);
  const auto text = cedar::schema_text(fragment);
  if (text.ok()) {
    const auto reread = cedar::parse_schema(text.value());
    VRM_CHECK(reread.ok() || !was_text);
    if (was_text) VRM_CHECK(cedar::schema_to_json(reread.value()) == json);
  }
  const auto schema = cedar::Schema::resolve(fragment);
  if (!schema.ok()) return;
  static const auto kPolicies =
      cedar::PolicySet::parse(
          "permit(principal, action, resource) when { principal has a && principal.a == context };")
          .value();
  cedar::validate(kPolicies, schema.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto written = cedar::parse_schema(text); written.ok())
    check_schema(written.value(), true);
  if (const auto json = cedar::read_schema_json(text); json.ok()) check_schema(json.value(), false);
  return 0;
}
