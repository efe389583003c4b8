#include "vault/gate/never.h"

#include <algorithm>
#include <limits>
#include <set>

#include "policies/cedar/mentions.h"
#include "vault/gate/policy_world.h"

namespace vrm::gate {

namespace {

constexpr std::int64_t kFarthest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t kMostNamedGrants = 20;  // beyond that it cannot be told
constexpr Duration kImaginedLife = std::chrono::hours(24 * 30);

// A brand that nobody met yet, in every way in which it may stand.
std::vector<brands::Brand> imagined(const std::string& client_id) {
  std::vector<brands::Brand> all;
  using brands::Standing;
  for (const auto standing : {Standing::Known, Standing::Blocked, Standing::KeysChanged})
    for (const bool trusted : {false, true})
      for (const bool checked : {true, false})
        for (const bool alike : {false, true}) {
          brands::Brand brand;
          brand.client_id = client_id;
          brand.standing = standing;
          brand.trusted = trusted;
          brand.address_checked = checked;
          brand.looks_like = alike ? "another" : "";
          all.push_back(std::move(brand));
        }
  return all;
}

class Search {
 public:
  Search(const PolicyGround& ground, const grants::Purposes& purposes, const std::string& field,
         Instant now)
      : ground_(ground),
        purposes_(purposes),
        field_(field),
        now_(now),
        exposure_(ground, purposes, {field}),
        named_(cedar::entities_named_in(ground.policies, "VRM::Brand")),
        named_grants_(cedar::entities_named_in(ground.policies, "VRM::Grant")) {}

  Result<Never> run(const std::vector<brands::BrandPtr>& known) {
    if (named_grants_.size() > kMostNamedGrants) possible_ = true;
    for (const auto& brand : known)
      if (brand->standing == brands::Standing::Known) TRY(look_at(*brand));
    for (const auto& brand : imagined("https://brand.invalid/vrm-brand.json")) TRY(look_at(brand));
    for (const auto& brand : known) TRY(look_at(*brand));
    for (const auto& uid : named_)
      for (const auto& brand : imagined(uid.id())) TRY(look_at(brand));
    never_.is_sure = !possible_;
    if (!never_.example) never_.refusing = {refusing_.begin(), refusing_.end()};
    return std::move(never_);
  }

 private:
  // What of a brand the policies can tell apart, where they do not name it.
  using Kind = std::tuple<std::string, bool, bool, bool, brands::Trust>;

  Result<void> look_at(const brands::Brand& brand) {
    const bool is_named = named_.contains(cedar::EntityUid("VRM::Brand", brand.client_id));
    const Kind kind{is_named ? brand.client_id : "", brand.standing == brands::Standing::Blocked,
                    brand.standing == brands::Standing::KeysChanged, brand.address_checked,
                    brands::trust_of(brand)};
    if (never_.example || !looked_at_.insert(kind).second) return {};
    for (const auto& given : purposes_.all()) {
      if (!given.grantable) continue;
      for (const bool limited : {false, true}) {
        const grants::Grant grant = grant_of(brand, given, limited);
        TRY(look_at(brand, grant));
        TRY(look_at_named(brand, grant));
      }
    }
    return {};
  }

  // The same under the names that policies give to grants.
  Result<void> look_at_named(const brands::Brand& brand, grants::Grant grant) {
    for (const auto& uid : named_grants_) {
      if (possible_) return {};
      grant.id.text = uid.id();
      possible_ = TRY(may_be_open(brand, grant));
    }
    return {};
  }

  grants::Grant grant_of(const brands::Brand& brand, const grants::Purpose& purpose,
                         bool limited) const {
    grants::Grant grant = imagined_grant(brand, field_, purpose, now_);
    if (limited) grant.max_reads = 1;
    return grant;
  }

  Result<void> look_at(const brands::Brand& brand, const grants::Grant& grant) {
    if (never_.example) return {};
    const bool may = TRY(may_be_open(brand, grant));
    possible_ |= may;
    if (may) TRY(find_example(brand, grant));
    return {};
  }

  Result<bool> may_be_open(const brands::Brand& brand, const grants::Grant& grant) {
    bool may = false;
    for (const auto& asked : purposes_.all())
      may |= TRY(may_be_open({brand, &grant, field_, asked.dpv, now_}));
    return may;
  }

  Result<bool> may_be_open(const Question& question) {
    using cedar::OpenValue;
    const cedar::EntityUid uid = uid_of(*question.grant);
    std::vector<OpenValue> open{{{}, kNow, OpenValue::Kind::Datetime, {kLongAgo, kFarthest}},
                                {uid, kReads, OpenValue::Kind::Long, {0, kFarthest}},
                                {uid, kNotBefore, OpenValue::Kind::Datetime, {kLongAgo, kFarthest}},
                                {uid, kExpires, OpenValue::Kind::Datetime, {kLongAgo, kFarthest}}};
    if (question.grant->max_reads)
      open.push_back({uid, kMaxReads, OpenValue::Kind::Long, {1, kFarthest}});
    const auto world = TRY(world_of(ground_, question));
    const bool may = cedar::may_allow(world.request, ground_.policies, world.entities, open);
    if (!may && question.purpose == question.grant->purpose) {
      const auto response = is_authorized(world.request, ground_.policies, world.entities);
      refusing_.insert(response.reasons.begin(), response.reasons.end());
    }
    return may;
  }

  // Policies that cannot be enumerated have no example.
  Result<void> find_example(const brands::Brand& brand, const grants::Grant& grant) {
    auto openings = exposure_.of(brand, grant, now_);
    if (!openings.ok() && openings.error().code != ErrorCode::Malformed) return openings.error();
    if (!openings.ok() || openings.value().empty()) return {};
    const auto& all = openings.value();
    const auto own = std::find_if(all.begin(), all.end(), [&](const Opening& opening) {
      return opening.purpose == grant.purpose;
    });
    never_.example = Reachable{brand.handle, brands::trust_of(brand), grant.purpose,
                               own == all.end() ? all.front() : *own};
    return {};
  }

  const PolicyGround& ground_;
  const grants::Purposes& purposes_;
  const std::string& field_;
  const Instant now_;
  const Exposure exposure_;
  const std::unordered_set<cedar::EntityUid, cedar::EntityUidHash> named_;
  const std::unordered_set<cedar::EntityUid, cedar::EntityUidHash> named_grants_;
  std::set<Kind> looked_at_;
  std::set<std::string> refusing_;
  bool possible_ = false;
  Never never_;
};

}  // namespace

grants::Grant imagined_grant(const brands::Brand& brand, const std::string& field,
                             const grants::Purpose& purpose, Instant at) {
  grants::Grant grant;
  grant.id.text = "gr_any";
  grant.brand = brand.handle;
  grant.fields = {field};
  grant.purpose = purpose.dpv;
  grant.stored = grants::Stored::Active;
  grant.made_at = at;
  grant.expires_at = at + kImaginedLife;
  return grant;
}

Result<Never> never_read(const PolicyGround& ground, const grants::Purposes& purposes,
                         const std::vector<brands::BrandPtr>& known, const std::string& field,
                         Instant now) {
  return Search(ground, purposes, field, now).run(known);
}

}  // namespace vrm::gate
