#include "tests/bench/grant_policies.h"

#include "policies/cedar/datetime.h"

namespace vrm::bench {
namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Record;
using cedar::Value;

constexpr const char* kForEverybody = R"(
forbid (principal is VRM::Brand, action, resource) when { principal.blocked || principal.keysChanged };
forbid (principal, action, resource) when { context.purpose in VRM::Purpose::"dpv:SellDataToThirdParties" };
forbid (principal, action == VRM::Action::"read", resource is VRM::Field)
when { context.purpose in VRM::Purpose::"dpv:AgeVerification" } unless { resource.claim };
forbid (principal, action, resource) when { resource.sensitivity >= 3 };
forbid (principal, action, resource in VRM::Category::"health") unless { principal.trust == "trusted" };
forbid (principal, action == VRM::Action::"erase", resource);
forbid (principal, action, resource)
when { context.purpose in VRM::Purpose::"dpv:Marketing" && context.now.toTime() >= duration("20h") };
permit (principal is VRM::Owner, action, resource);
)";

constexpr std::int64_t kNow_ms = 1'795'000'000'000;

std::string brand_id(int grant) {
  return "https://brand" + std::to_string(grant / kGrantsOfABrand) + ".example/vrm-brand.json";
}
std::string category_id(int grant) {
  return "address.part" + std::to_string(grant % kGrantsOfABrand);
}

}  // namespace

std::string grant_policies(int grants) {
  std::string all = kForEverybody;
  for (int grant = 0; grant < grants; ++grant)
    all += "permit (principal == VRM::Brand::\"" + brand_id(grant) +
           "\", action == VRM::Action::\"read\", resource in VRM::Category::\"" +
           category_id(grant) +
           "\")\nwhen { context.purpose in VRM::Purpose::\"dpv:ServiceProvision\" && context.now < "
           "datetime(\"2029-01-01\") };\n";
  return all;
}

cedar::Request grant_request(int grant) {
  return {EntityUid("VRM::Brand", brand_id(grant)), EntityUid("VRM::Action", "read"),
          EntityUid("VRM::Field", category_id(grant) + ".value"),
          Record::of({{"now", cedar::Datetime{kNow_ms}},
                      {"purpose", EntityUid("VRM::Purpose", "dpv:DeliveryOfGoods")}})};
}

std::vector<Entity> grant_entities(int grant) {
  const auto purpose = [](const char* id, const char* parent) {
    Entity entity{.uid = EntityUid("VRM::Purpose", id)};
    if (parent != nullptr) entity.parents.emplace_back("VRM::Purpose", parent);
    return entity;
  };
  const EntityUid category("VRM::Category", category_id(grant));
  return {{.uid = EntityUid("VRM::Brand", brand_id(grant)),
           .attributes = Record::of({{"blocked", false},
                                     {"keysChanged", false},
                                     {"addressChecked", true},
                                     {"trust", "known"}})},
          {.uid = EntityUid("VRM::Field", category_id(grant) + ".value"),
           .attributes = Record::of({{"sensitivity", 1}, {"claim", false}}),
           .parents = {category}},
          {.uid = category, .parents = {EntityUid("VRM::Category", "address")}},
          {.uid = EntityUid("VRM::Category", "address")},
          purpose("dpv:DeliveryOfGoods", "dpv:ServiceProvision"),
          purpose("dpv:ServiceProvision", "dpv:Purpose"),
          purpose("dpv:Marketing", "dpv:Purpose"),
          purpose("dpv:AgeVerification", "dpv:Purpose"),
          purpose("dpv:SellDataToThirdParties", "dpv:Purpose"),
          purpose("dpv:Purpose", nullptr),
          {.uid = EntityUid("VRM::Action", "read")}};
}

}  // namespace vrm::bench
