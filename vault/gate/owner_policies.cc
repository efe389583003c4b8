// OwnerDesk: the policies in force, and the owner's own: looked at, checked, added, taken away.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/sight.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

json policy_document(const PolicyTold& policy) {
  return {{"id", policy.id},
          {"file", policy.file.empty() ? json(nullptr) : json(policy.file)},
          {"effect", policy.forbids ? "forbid" : "permit"},
          {"reason", policy.reason},
          {"text", policy.text}};
}

json findings_document(const std::vector<PolicyFinding>& findings) {
  json items = json::array();
  for (const auto& finding : findings)
    items.push_back({{"file", finding.file},
                     {"policy", finding.policy},
                     {"message", finding.message},
                     {"refuses", finding.refuses}});
  return items;
}

json check_document(const std::string& file, const std::vector<PolicyFinding>& findings,
                    json changes) {
  return {{"schema", "vrm.policy_check/1"},
          {"file", file},
          {"good", !any_refuses(findings)},
          {"findings", findings_document(findings)},
          {"changes", std::move(changes)}};
}

// Of {name, text}.
Result<PolicyText> policy_text(const json& body) {
  const auto name = TRY(need_string(body, "name"));
  if (!is_policy_name(name))
    return refusal(ErrorCode::Malformed, "policy.bad_name",
                   {{"most", std::to_string(kMostPolicyName)}});
  auto text = TRY(need_string(body, "text"));
  return PolicyText{name + ".cedar", std::move(text)};
}

std::string first_refusal(const std::vector<PolicyFinding>& findings) {
  for (const auto& finding : findings)
    if (finding.refuses) return finding.message;
  return "";
}

}  // namespace

Result<json> OwnerDesk::policies() const {
  json items = json::array();
  for (const auto& policy : policies_.list()) items.push_back(policy_document(policy));
  return json{{"schema", "vrm.policies/1"},
              {"folder", policies_.folder().string()},
              {"in_force", policies_.rules() != nullptr},
              {"items", std::move(items)},
              {"findings", findings_document(policies_.findings())}};
}

Result<json> OwnerDesk::change_by(const std::string& file, std::optional<std::string> text) const {
  const auto rooms = vault_.open_rooms();
  if (!rooms.ok()) return json(nullptr);
  const auto before = policies_.rules();
  const auto after = TRY(policies_.rules_with(file, std::move(text)));
  return change_of_sight(*rooms.value(), vault_.knowledge(), before.get(), after.get(),
                         vault_.now());
}

Result<json> OwnerDesk::check_policy(const json& body) const {
  const PolicyText text = TRY(policy_text(body));
  const auto findings = TRY(policies_.check(text));
  json changes = nullptr;
  if (!any_refuses(findings)) changes = TRY(change_by(text.file, text.text));
  return check_document(text.file, findings, std::move(changes));
}

Result<json> OwnerDesk::add_policy(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const PolicyText text = TRY(policy_text(body));
  const auto findings = TRY(policies_.check(text));
  if (any_refuses(findings))
    return refusal(ErrorCode::Malformed, "policy.refused",
                   {{"file", text.file}, {"why", first_refusal(findings)}});
  TRY(policies_.make_room());
  const journal::Entry entry{
      .at = vault_.now(), .kind = journal::Kind::PolicyAdded, .reason = text.file};
  TRY(record(*rooms, entry, [](store::Txn&) -> Result<void> { return {}; }));
  TRY(policies_.put(text));
  return policies();
}

Result<json> OwnerDesk::remove_policy(std::string_view name, bool is_rehearsal) {
  auto* rooms = TRY(vault_.changeable_rooms());
  if (!is_policy_name(name))
    return refusal(ErrorCode::Malformed, "policy.bad_name",
                   {{"most", std::to_string(kMostPolicyName)}});
  const std::string file = std::string(name) + ".cedar";
  TRY(policies_.must_have(file));
  if (is_rehearsal) {
    auto changes = TRY(change_by(file, std::nullopt));
    return check_document(file, {}, std::move(changes));
  }
  const journal::Entry entry{
      .at = vault_.now(), .kind = journal::Kind::PolicyRemoved, .reason = file};
  TRY(record(*rooms, entry, [](store::Txn&) -> Result<void> { return {}; }));
  TRY(policies_.remove(file));
  return policies();
}

}  // namespace vrm::gate
