// Any text as a brand's document, and the same with everything about its keys in place: it is refused, or what was read keeps
// every bound, is safe to print, and reads the same from the vault's own record. Any two texts look alike both ways or not at all.

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/brands/brand.h"
#include "vault/brands/document.h"
#include "vault/brands/lookalike.h"

namespace {

using namespace vrm;  // tests only
using namespace vrm::brands;

constexpr std::size_t kMostShownScalars = 200;

void check_shown(const std::string& text) {
  VRM_CHECK(printable(text, kMostShownScalars) == text);
}

void check(const Facts& facts) {
  check_shown(facts.legal_name);
  check_shown(facts.privacy_contact);
  check_shown(facts.address);
  VRM_CHECK(facts.identifiers.size() <= kMostIdentifiers);
  for (const auto& each : facts.identifiers) {
    VRM_CHECK(!each.type.empty() && !each.value.empty());
    check_shown(each.type);
    check_shown(each.value);
  }
  VRM_CHECK(facts.uses.size() <= kMostUses);
  for (const auto& use : facts.uses) {
    check_shown(use.purpose);
    VRM_CHECK(!use.fields.empty() && use.fields.size() <= kMostFieldsOfUse);
    for (const auto& field : use.fields) check_shown(field);
    VRM_CHECK(use.retention_days >= 0 && use.retention_days <= kMostUseDays);
  }
  VRM_CHECK(facts.terms.size() <= kMostTermsIds);
  Brand brand;
  brand.facts = facts;
  const auto back = read_brand(write_brand(brand));
  VRM_CHECK(back.ok() && back.value().facts == facts);
}

void take(std::string_view text) {
  const auto document = read_document(text, PlainHttp::Refused);
  if (!document.ok()) return;
  VRM_CHECK(!document.value().name.empty());
  check(document.value().facts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  take(text);
  auto json = read_json(text);
  if (json.ok() && json.value().is_object()) {
    nlohmann::json whole = {{"client_id", "https://velo.example/vrm-brand.json"},
                            {"client_name", "Velo"},
                            {"jwks_uri", "https://velo.example/jwks"},
                            {"vrm", std::move(json).value()}};
    take(write_json(whole));
  }
  const auto one = text.substr(0, size / 2);
  const auto other = text.substr(size / 2);
  VRM_CHECK(names_look_alike(one, other) == names_look_alike(other, one));
  VRM_CHECK(hosts_look_alike(one, other) == hosts_look_alike(other, one));
  return 0;
}
