#include "tests/bench/see_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/latency.h"
#include "vault/gate/exposure.h"
#include "vault/gate/policy_world.h"

namespace vrm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Instant kSeenAt{1'795'000'000'000};
constexpr const char* kQuietNights = R"(@id("quiet-nights")
forbid (principal, action, resource) when { context.purpose in VRM::Purpose::"dpv:Marketing" }
unless { context.now.toTime() >= duration("8h") && context.now.toTime() < duration("20h") };)";
constexpr const char* kNotSpecial = R"(@id("not-special")
forbid (principal, action, resource is VRM::Field)
when { resource.sensitivity > 2 && principal.trust != "trusted" };)";

// The default policies, and two that an owner could have.
std::vector<std::string> all_policies() {
  std::vector<std::string> all{kQuietNights, kNotSpecial};
  for (const auto& entry :
       std::filesystem::directory_iterator(VRM_SOURCE_DIR "/policies/default")) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    all.push_back(text.str());
  }
  return all;
}

std::vector<std::string> all_fields(const profile::Catalogue& catalogue, int count) {
  std::vector<std::string> fields;
  for (const auto& field : catalogue.all()) fields.push_back(field.name);
  for (int i = 0; static_cast<int>(fields.size()) < count; ++i)
    fields.push_back("own.field_" + std::to_string(i));
  fields.resize(static_cast<std::size_t>(count));
  return fields;
}

struct Holder {
  brands::Brand brand;
  std::vector<grants::Grant> grants;
};

Holder holder(int number, int grants) {
  Holder holder;
  holder.brand.handle = "brand" + std::to_string(number);
  holder.brand.client_id = "https://" + holder.brand.handle + ".example/vrm-brand.json";
  for (int i = 0; i < grants; ++i) {
    constexpr const char* kPurposes[] = {"dpv:ServiceProvision", "dpv:DeliveryOfGoods",
                                         "dpv:Marketing", "dpv:EstablishContractualAgreement"};
    grants::Grant grant;
    grant.id.text = "gr_" + std::to_string(1'000'000 + number * 1'000 + i);
    grant.brand = holder.brand.handle;
    grant.fields = {"address.home.postal_code", "address.home.locality", "contact.email",
                    "person.given_name"};
    grant.purpose = kPurposes[i % 4];
    grant.stored = grants::Stored::Active;
    grant.made_at = {kSeenAt.ms - 1'000};
    grant.expires_at = {kSeenAt.ms + (10 + i) * cedar::kDayMs};
    if (i % 2 == 0) grant.max_reads = 20;
    holder.grants.push_back(std::move(grant));
  }
  return holder;
}

bool is_under(const grants::Purposes& purposes, const grants::Purpose* purpose,
              std::string_view above) {
  while (purpose != nullptr && purpose->dpv != above) purpose = purposes.find(purpose->parent);
  return purpose != nullptr;
}

// Each field, for each purpose under the grant's.
std::size_t expected_openings(const Holder& holder, const grants::Purposes& purposes) {
  std::size_t count = 0;
  for (const auto& grant : holder.grants)
    for (const auto& purpose : purposes.all())
      if (is_under(purposes, &purpose, grant.purpose)) count += grant.fields.size();
  return count;
}

struct Seen {
  double ms = 0;
  bool right = true;
};

Result<Seen> see_all(const gate::Rules& rules, const grants::Purposes& purposes,
                     const std::vector<std::string>& fields, const std::vector<Holder>& holders) {
  std::size_t expected = 0;
  for (const Holder& holder : holders) expected += expected_openings(holder, purposes);
  std::size_t found = 0;
  const auto from = Clock::now();
  const gate::Exposure exposure(rules.ground(), purposes, fields);
  for (const Holder& holder : holders)
    for (const auto& grant : holder.grants) {
      const auto openings = TRY(exposure.of(holder.brand, grant, kSeenAt));
      found += openings.size();
    }
  return Seen{milliseconds(from, Clock::now()), found == expected};
}

Result<bool> measure(const char* title, const gate::Rules& rules, const grants::Purposes& purposes,
                     const std::vector<std::string>& fields, const std::vector<Holder>& holders,
                     int rounds) {
  std::vector<double> took;
  bool right = true;
  for (int round = 0; round < rounds; ++round) {
    const Seen seen = TRY(see_all(rules, purposes, fields, holders));
    took.push_back(seen.ms);
    right = right && seen.right;
  }
  std::printf("%-40s %8.1f ms (median of %d; at most %.1f)%s\n", title, median(took), rounds,
              *std::max_element(took.begin(), took.end()), right ? "" : "  WRONG");
  return right;
}

}  // namespace

Result<bool> run_see_bench(const SeeBenchPlan& plan) {
  const auto catalogue = TRY(profile::Catalogue::embedded());
  const auto purposes = TRY(grants::Purposes::load());
  const auto rules = TRY(gate::Rules::parse(all_policies(), catalogue, purposes));
  const auto fields = all_fields(catalogue, plan.fields);
  std::vector<Holder> holders;
  for (int i = 0; i < plan.brands; ++i)
    holders.push_back(holder(i, plan.grants_of_all / plan.brands));
  std::printf("%d fields, %zu purposes, %zu policies\n", plan.fields, purposes.all().size(),
              rules.ground().policies.policies().size());
  const std::string one = "one brand, " + std::to_string(plan.grants_of_one) + " grants";
  const std::string all =
      std::to_string(plan.brands) + " brands, " + std::to_string(plan.grants_of_all) + " grants";
  const bool one_right = TRY(
      measure(one.c_str(), rules, purposes, fields, {holder(0, plan.grants_of_one)}, plan.rounds));
  const bool all_right = TRY(measure(all.c_str(), rules, purposes, fields, holders, plan.rounds));
  return one_right && all_right;
}

}  // namespace vrm::bench
