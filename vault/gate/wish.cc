#include "vault/gate/wish.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kType = "vrm_data";
constexpr std::string_view kIntentType = "vrm_offer";
// The last four are of what was granted, which may be asked for again as it is: they are passed over.
constexpr std::array<std::string_view, 14> kMembers = {
    "type",       "actions",   "datatypes", "optional",   "purpose", "reason", "retention_days",
    "expires_in", "max_reads", "terms",     "expires_at", "coarse",  "once",   "while_order"};
constexpr std::size_t kMostNameScalars = 40;
constexpr std::size_t kMostReasonScalars = 300;
constexpr std::int64_t kMostRetentionDays = 3660;

Error wrong(std::string what) {
  return Error{ErrorCode::Malformed, std::move(what)};
}

Result<std::optional<std::int64_t>> number_within(const nlohmann::json& element,
                                                  std::string_view name, std::int64_t least,
                                                  std::int64_t most) {
  const auto found = TRY(find_int(element, name));
  if (found && (*found < least || *found > most))
    return wrong("`" + std::string(name) + "` is not between " + std::to_string(least) + " and " +
                 std::to_string(most));
  return found;
}

Result<void> check_fields(const Wish& wish) {
  if (wish.needed.empty() && wish.optional.empty()) return wrong("no field is asked for");
  if (wish.needed.size() + wish.optional.size() > kMostFieldsInAGrant)
    return wrong("too many fields");
  std::set<std::string> seen;
  for (const auto* list : {&wish.needed, &wish.optional}) {
    for (const auto& name : *list) {
      if (!profile::is_field_name(name))
        return wrong("`" + printable(name, kMostNameScalars) + "` is no name of a field");
      if (!seen.insert(name).second) return wrong("`" + name + "` twice");
    }
  }
  return {};
}

Result<void> check_type(const nlohmann::json& element) {
  const auto type = TRY(need_string(element, "type"));
  if (type != kType) return wrong("the type must be vrm_data");
  const auto actions = TRY(find_strings(element, "actions"));
  if (actions && *actions != std::vector<std::string>{"read"})
    return wrong("the only action is read");
  return {};
}

// A limit that was mistyped would be no limit (RFC 9396, section 5).
Result<void> check_members(const nlohmann::json& element) {
  for (const auto& [name, value] : element.items())
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
      return wrong("there is no member `" + printable(name, kMostNameScalars) + "`");
  return {};
}

Result<Wish> wish_from(const nlohmann::json& element, const grants::Purposes& purposes,
                       const grants::Roster& roster) {
  TRY(check_type(element));
  TRY(check_members(element));
  Wish wish;
  wish.needed = TRY(find_strings(element, "datatypes")).value_or(std::vector<std::string>());
  wish.optional = TRY(find_strings(element, "optional")).value_or(std::vector<std::string>());
  TRY(check_fields(wish));
  const std::string purpose = TRY(need_string(element, "purpose"));
  const auto* known = purposes.find(purpose);
  if (known == nullptr || !known->grantable)
    return wrong("the purpose is unknown, or never granted; there is " + purposes.words());
  wish.purpose = known->dpv;
  wish.reason = printable(TRY(find_string(element, "reason")).value_or(""), kMostReasonScalars);
  wish.expires_in_s =
      TRY(number_within(element, "expires_in", 60, kMostGrantSeconds)).value_or(wish.expires_in_s);
  wish.retention_days =
      TRY(number_within(element, "retention_days", 0, kMostRetentionDays)).value_or(0);
  wish.max_reads = TRY(number_within(element, "max_reads", 1, kMostReads));
  wish.terms = TRY(grants::named_terms(element, roster));
  return wish;
}

}  // namespace

Result<Wish> read_wish(std::string_view authorization_details, const grants::Purposes& purposes,
                       const grants::Roster& roster) {
  const auto details = TRY(read_json(authorization_details, {.bytes = 16 * 1024}));
  if (!details.is_array() || details.size() != 1)
    return wrong("authorization_details must be a list of one element");
  return wish_from(details[0], purposes, roster);
}

std::optional<std::vector<std::string>> read_field_list(std::string_view text) {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto name = text.substr(begin, end - begin);
    if (!profile::is_field_name(name) || !seen.insert(name).second) return std::nullopt;
    if (names.size() == kMostFieldsInAGrant) return std::nullopt;
    names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

std::string write_granted(const grants::Grant& grant) {
  nlohmann::json element = {{"type", kType},
                            {"actions", {"read"}},
                            {"datatypes", grant.fields},
                            {"purpose", grant.purpose},
                            {"expires_at", grant.expires_at.seconds()}};
  if (grant.retention_days > 0) element["retention_days"] = grant.retention_days;
  if (grant.max_reads) element["max_reads"] = *grant.max_reads;
  if (!grant.coarse.empty()) element["coarse"] = grant.coarse;
  if (!grant.once.empty()) element["once"] = grant.once;
  if (!grant.while_order.empty()) element["while_order"] = true;
  if (grant.terms) element["terms"] = {{"id", grant.terms->id}, {"digest", grant.terms->digest}};
  return write_json(nlohmann::json::array({std::move(element)}));
}

std::string write_invited(std::string_view iid) {
  return write_json(nlohmann::json::array({{{"type", kIntentType}, {"intent", iid}}}));
}

}  // namespace vrm::gate
