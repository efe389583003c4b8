// What the fuzz targets of Cedar once came to, tried again in every run: tests/fuzz/corpus/NAME.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/enumeration.h"
#include "policies/cedar/lexer.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/policy_format.h"
#include "policies/cedar/policy_json.h"
#include "policies/cedar/policy_text.h"
#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_parser.h"
#include "policies/cedar/schema_text.h"
#include "policies/cedar/validator.h"
#include "tests/cedar/shared_material.h"
#include "vault/base/check.h"

// Each target in a namespace of its own, and its entry by a name of its own.
#define LLVMFuzzerTestOneInput try_cedar_parse
namespace parse_target {
#include "tests/fuzz/cedar_parse_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput try_cedar_evaluate
namespace evaluate_target {
#include "tests/fuzz/cedar_evaluate_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput try_cedar_enumerate
namespace enumerate_target {
#include "tests/fuzz/cedar_enumerate_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput try_cedar_schema
namespace schema_target {
#include "tests/fuzz/cedar_schema_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput try_cedar_policy_json
namespace policy_json_target {
#include "tests/fuzz/cedar_policy_json_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput try_cedar_entity_json
namespace entity_json_target {
#include "tests/fuzz/cedar_entity_json_fuzz.cc"
}
#undef LLVMFuzzerTestOneInput

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

std::size_t try_all(const std::string& name, Target target) {
  const auto folder = std::filesystem::path(VRM_SOURCE_DIR) / "tests/fuzz/corpus" / name;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = cedar_tests::text_of_file(entry.path());
    target(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    ++count;
  }
  return count;
}

}  // namespace

TEST_SUITE("cedar/kept_inputs") {
  TEST_CASE(
      "every kept input of the fuzz targets is read or refused, and what is read is the same by "
      "every way") {
    CHECK(try_all("cedar_parse", parse_target::try_cedar_parse) > 200);
    CHECK(try_all("cedar_evaluate", evaluate_target::try_cedar_evaluate) > 0);
    CHECK(try_all("cedar_enumerate", enumerate_target::try_cedar_enumerate) > 100);
    CHECK(try_all("cedar_schema", schema_target::try_cedar_schema) > 200);
    CHECK(try_all("cedar_policy_json", policy_json_target::try_cedar_policy_json) > 200);
    CHECK(try_all("cedar_entity_json", entity_json_target::try_cedar_entity_json) > 200);
  }
}
