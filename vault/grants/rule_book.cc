#include "vault/grants/rule_book.h"

#include <algorithm>
#include <set>

namespace vrm::grants {

namespace {

Error unknown_rule(std::string_view typed) {
  return refusal(ErrorCode::NotFound, "rule.unknown", {{"rule", std::string(typed)}});
}

std::set<std::string> as_set(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

Result<RulePtr> RuleBook::find_typed(std::string_view typed) const {
  const std::string id = TRY(id_from_typed(RuleKind::kPrefix, typed));
  const auto found = rows_.beginning_with(id);
  if (found.empty()) return unknown_rule(typed);
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  return found.front();
}

std::vector<RulePtr> RuleBook::list() const {
  auto all = rows_.all();
  std::stable_sort(all.begin(), all.end(),
                   [](const RulePtr& a, const RulePtr& b) { return a->made_at > b->made_at; });
  return all;
}

RulePtr RuleBook::covering(const AccessRequest& request) const {
  RulePtr found;
  for (const auto& rule : rows_.all()) {
    if (!rule->covers(request)) continue;
    const bool is_later = found == nullptr || rule->made_at > found->made_at;
    const bool denies_then =
        found != nullptr && rule->made_at == found->made_at && rule->says == Says::Deny;
    if (is_later || denies_then) found = rule;
  }
  return found;
}

std::vector<RulePtr> RuleBook::same_as(const Rule& rule) const {
  auto all = rows_.all();
  std::erase_if(all, [&rule](const RulePtr& other) {
    return other->brand != rule.brand || other->purpose != rule.purpose ||
           as_set(other->decided) != as_set(rule.decided);
  });
  return all;
}

Result<RulePtr> RuleBook::make(store::Txn& txn, Rule rule, Random& random) {
  random.fill(rule.row);
  txn.anchor();
  return rows_.put(txn, std::move(rule));
}

Result<void> RuleBook::remove(store::Txn& txn, std::string_view id) {
  if (find(id) == nullptr) return unknown_rule(id);
  txn.anchor();
  return rows_.erase(txn, id);
}

}  // namespace vrm::grants
