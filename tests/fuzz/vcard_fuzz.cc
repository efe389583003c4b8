// Any bytes as a vCard file: nothing crashes, and what is read keeps its promises.

#include <cstdint>
#include <string>
#include <string_view>

#include "vault/base/check.h"
#include "vault/base/text.h"
#include "vault/profile/import.h"
#include "vault/profile/vcard.h"

using namespace vrm::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Catalogue catalogue = Catalogue::embedded().value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = read_vcards(text);
  if (!file.ok()) {
    VRM_CHECK(file.error().say.starts_with("profile.import_"));
    return 0;
  }
  VRM_CHECK(!file.value().cards.empty() && file.value().cards.size() <= kMaxCards);
  for (const auto& card : file.value().cards)
    for (const auto& property : card.properties)
      VRM_CHECK(vrm::is_utf8(property.value) && property.line > card.line);
  const auto plan = read_import(catalogue, text, ImportFormat::Vcard, "1");
  if (!plan.ok()) return 0;
  for (const auto& item : plan.value().items) {
    const auto again = parse_value(*type_from_text(item.type), item.field, item.value);
    VRM_CHECK(again.ok() && again.value() == item.value);
  }
  return 0;
}
