// vrm policy list, policy check, policy add, policy rm: the owner's own rules for every decision, in Cedar.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/session.h"
#include "cli/sight_text.h"
#include "cli/table.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostPolicyFileBytes = 32 * 1024;
constexpr std::string_view kPolicyEnding = ".cedar";

Result<json> typed_policy(Session& session) {
  const std::string& file = session.argument(0);
  auto text = TRY(read_file(file, kMostPolicyFileBytes));
  const auto name = session.value("name").value_or(std::filesystem::path(file).stem().string());
  return json{{"name", name}, {"text", std::move(text)}};
}

void show_findings(Screen& screen, const json& findings) {
  for (const auto& finding : list_at(findings, "findings"))
    screen.say(flag_at(finding, "refuses") ? "policy.wrong" : "policy.look_at",
               {{"file", text_at(finding, "file")}, {"what", text_at(finding, "message")}});
}

std::string origin_of(const Screen& screen, const json& policy) {
  return has_at(policy, "file") ? text_at(policy, "file") : screen.text("policy.built_in");
}

void show_whether_in_force(Screen& screen, const json& policies) {
  if (!flag_at(policies, "in_force"))
    screen.say("policy.none_in_force", {{"folder", text_at(policies, "folder")}});
}

void show_policies(Screen& screen, const json& policies) {
  Table table{{"head.id", "head.says", "head.from", "head.reason"}, {}};
  for (const auto& policy : list_at(policies, "items"))
    table.rows.push_back({text_at(policy, "id"),
                          screen.word("policy_effect.", raw_at(policy, "effect")),
                          origin_of(screen, policy), text_at(policy, "reason")});
  screen.table(table);
  show_findings(screen, policies);
  show_whether_in_force(screen, policies);
}

// What came of a change: it is in force, unless another file keeps everything out.
void show_changed(Session& session, const json& policies, const char* done,
                  const std::string& name) {
  auto& screen = session.screen();
  if (session.settings().json) return screen.document(policies);
  if (!session.settings().quiet) screen.say(done, {{"name", name}});
  if (flag_at(policies, "in_force")) return;
  show_findings(screen, policies);
  show_whether_in_force(screen, policies);
}

// What it will change of what brands can see; where it opens something a person says yes to that.
Result<void> show_first(Session& session, const json& checked, std::string_view question) {
  if (!session.settings().json) {
    show_findings(session.screen(), checked);
    show_changes(session.screen(), checked);
    session.screen().flush();
  }
  if (!may_open(checked)) return {};
  return session.confirm(question, {{"file", text_at(checked, "file")}});
}

}  // namespace

Result<void> run_policy_list(Session& session) {
  const auto policies = TRY(session.get(std::string(api::kPolicies)));
  if (session.settings().json)
    session.screen().document(policies);
  else
    show_policies(session.screen(), policies);
  return {};
}

Result<void> run_policy_check(Session& session) {
  const auto body = TRY(typed_policy(session));
  const auto checked = TRY(session.post(std::string(api::kPolicyCheck), body));
  auto& screen = session.screen();
  if (session.settings().json)
    screen.document(checked);
  else {
    show_findings(screen, checked);
    show_changes(screen, checked);
  }
  if (!flag_at(checked, "good"))
    return refusal(ErrorCode::Malformed, "policy.would_refuse",
                   {{"file", text_at(checked, "file")}});
  if (!session.settings().json && !session.settings().quiet)
    screen.say("policy.good", {{"file", session.argument(0)}});
  return {};
}

Result<void> run_policy_add(Session& session) {
  const auto body = TRY(typed_policy(session));
  const auto checked = TRY(session.post(std::string(api::kPolicyCheck), body));
  TRY(show_first(session, checked, "ask.policy_add"));
  const auto policies = TRY(session.post(std::string(api::kPolicies), body));
  const bool is_in_force = flag_at(policies, "in_force");
  show_changed(session, policies, is_in_force ? "policy.added" : "policy.kept",
               text_at(body, "name"));
  return {};
}

Result<void> run_policy_rm(Session& session) {
  std::string name = session.argument(0);  // or its file's
  if (name.ends_with(kPolicyEnding)) name.resize(name.size() - kPolicyEnding.size());
  const auto path = TRY(api::path_to(api::kPolicies, name));
  const auto checked = TRY(session.send({"DELETE", api::with_query(path, "dry_run", "1")}));
  TRY(show_first(session, checked, "ask.policy_rm"));
  const auto policies = TRY(session.send({"DELETE", path}));
  show_changed(session, policies, "policy.removed", name);
  return {};
}

}  // namespace vrm::cli
