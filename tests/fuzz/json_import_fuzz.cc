// Any bytes as a JSON import: nothing crashes, every item parses as it stands, every line is one of
// the file's.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "vault/base/check.h"
#include "vault/profile/import.h"

using namespace vrm::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Catalogue catalogue = Catalogue::embedded().value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = read_import(catalogue, text, ImportFormat::Json);
  if (!plan.ok()) {
    VRM_CHECK(plan.error().say == "profile.import_bad_json");
    return 0;
  }
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const auto& item : plan.value().items) {
    VRM_CHECK(item.line <= lines);
    const auto again = parse_value(*type_from_text(item.type), item.field, item.value);
    VRM_CHECK(again.ok() && again.value() == item.value);
  }
  for (const auto& problem : plan.value().problems)
    VRM_CHECK(problem.line <= lines && !problem.what.say.empty());
  return 0;
}
