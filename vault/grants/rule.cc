#include "vault/grants/rule.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"

namespace vrm::grants {

namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<Says> says_from(std::string_view word) {
  for (const auto says : {Says::Approve, Says::Deny})
    if (to_string(says) == word) return says;
  return Error{ErrorCode::Corrupt, "what a rule says is unknown"};
}

Result<Rule> rule_from(const nlohmann::json& json) {
  Rule rule;
  rule.id.text = TRY(need_string(json, "id"));
  rule.brand = TRY(need_string(json, "brand"));
  const std::string says = TRY(need_string(json, "says"));
  rule.says = TRY(says_from(says));
  rule.purpose = TRY(need_string(json, "purpose"));
  rule.decided = TRY(need_strings(json, "decided"));
  rule.asked_s = TRY(need_int(json, "asked_s"));
  rule.retention_days = TRY(need_int(json, "retention_days"));
  rule.asked_reads = TRY(find_int(json, "asked_reads"));
  rule.gives = TRY(need_strings(json, "gives"));
  rule.life_s = TRY(need_int(json, "life_s"));
  rule.max_reads = TRY(find_int(json, "max_reads"));
  rule.served_while_locked = TRY(find_bool(json, "served_while_locked")).value_or(false);
  rule.request = TRY(need_string(json, "request"));
  rule.made_at = {TRY(need_int(json, "made_at"))};
  rule.terms = TRY(find_terms(json));
  return rule;
}

// The fewer of two counts, where no count is no limit.
std::optional<std::int64_t> fewer(std::optional<std::int64_t> one,
                                  std::optional<std::int64_t> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

}  // namespace

std::string_view to_string(Says says) {
  return says == Says::Approve ? "approve" : "deny";
}

bool Rule::covers(const AccessRequest& asked) const {
  if (asked.brand != brand || asked.purpose != purpose) return false;
  bool gives_some = false;
  for (const auto* list : {&asked.needed, &asked.optional}) {
    for (const auto& name : *list) {
      if (!is_among(decided, name)) return false;
      gives_some = gives_some || is_among(gives, name);
    }
  }
  if (says == Says::Deny) return true;
  const bool keeps_longer =
      retention_days == 0 ? asked.retention_days != 0
                          : asked.retention_days == 0 || asked.retention_days > retention_days;
  const bool reads_more = asked_reads && (!asked.max_reads || *asked.max_reads > *asked_reads);
  const bool same_terms =
      terms && asked.terms ? terms->same_as(*asked.terms) : !terms && !asked.terms;
  return gives_some && same_terms && asked.expires_in_s <= asked_s && !keeps_longer && !reads_more;
}

Grant Rule::grant_for(const AccessRequest& asked, GrantId grant_id, Instant now) const {
  VRM_CHECK(says == Says::Approve && covers(asked));
  Grant grant;
  grant.id = std::move(grant_id);
  grant.brand = asked.brand;
  grant.key = asked.key;
  for (const auto* list : {&asked.needed, &asked.optional})
    for (const auto& name : *list)
      if (is_among(gives, name)) grant.fields.push_back(name);
  grant.purpose = purpose;
  grant.made_at = now;
  grant.expires_at = now + std::chrono::seconds(std::min(asked.expires_in_s, life_s));
  grant.max_reads = fewer(asked.max_reads, max_reads);
  grant.retention_days = asked.retention_days;
  grant.served_while_locked = served_while_locked;
  grant.request = asked.id.text;
  grant.terms = asked.terms;
  return grant;
}

Bytes write_rule(const Rule& rule) {
  nlohmann::json json = {{"id", rule.id.text},
                         {"brand", rule.brand},
                         {"says", to_string(rule.says)},
                         {"purpose", rule.purpose},
                         {"decided", rule.decided},
                         {"asked_s", rule.asked_s},
                         {"retention_days", rule.retention_days},
                         {"gives", rule.gives},
                         {"life_s", rule.life_s},
                         {"served_while_locked", rule.served_while_locked},
                         {"request", rule.request},
                         {"made_at", rule.made_at.ms}};
  if (rule.asked_reads) json["asked_reads"] = *rule.asked_reads;
  if (rule.max_reads) json["max_reads"] = *rule.max_reads;
  put_terms(json, rule.terms);
  const std::string text = write_json(json);
  return {text.begin(), text.end()};
}

Result<Rule> read_rule(BytesView record) {
  const auto json = read_json(text_of(record));
  if (json.ok()) {
    auto rule = rule_from(json.value());
    if (rule.ok()) return rule;
  }
  return Error{ErrorCode::Corrupt, "a rule's record cannot be read"};
}

}  // namespace vrm::grants
