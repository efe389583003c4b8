#include "vault/gate/policies.h"

#include <algorithm>

#include "vault/base/bytes.h"
#include "vault/gate/policy_world.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kPolicyEnding = ".cedar";

PolicyFinding whole_file(const std::string& file, const std::string& what) {
  return {file, "", "line 1, column 1: " + what, true};
}

// Those without this file, and then with it.
std::vector<PolicyText> replaced(std::vector<PolicyText> own, const std::string& file,
                                 const std::string* text) {
  std::erase_if(own, [&file](const PolicyText& each) { return each.file == file; });
  if (text != nullptr) own.push_back({file, *text});
  std::sort(own.begin(), own.end(),
            [](const PolicyText& a, const PolicyText& b) { return a.file < b.file; });
  return own;
}

Result<std::shared_ptr<const Rules>> make_rules(const profile::Catalogue& catalogue,
                                                const grants::Purposes& purposes,
                                                const std::vector<PolicyText>& own) {
  auto rules = TRY(Rules::load(catalogue, purposes, own));
  return std::make_shared<const Rules>(std::move(rules));
}

void tell(const PolicyText& text, std::vector<PolicyTold>& all) {
  const auto policies = read_policies(text);
  if (!policies.ok()) return;
  for (const auto& policy : policies.value())
    all.push_back({policy.id, text.file, policy.body->effect == cedar::Effect::Forbid,
                   std::string(cedar::find_annotation(*policy.body, "reason").value_or("")),
                   policy.body->source});
}

}  // namespace

bool is_policy_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostPolicyName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

Result<std::unique_ptr<Policies>> Policies::load(store::Disk& disk, std::filesystem::path folder,
                                                 const profile::Catalogue& catalogue,
                                                 const grants::Purposes& purposes) {
  TRY(check_built_in_policies(catalogue, purposes));
  std::unique_ptr<Policies> policies(new Policies(disk, std::move(folder), catalogue, purposes));
  TRY(policies->reload());
  return policies;
}

Result<std::vector<PolicyText>> Policies::read_folder() const {
  std::vector<PolicyText> own;
  if (folder_.empty()) return own;
  const auto names = TRY(disk_.list(folder_));
  for (const auto& name : names) {
    if (!name.ends_with(kPolicyEnding) || name.starts_with('.')) continue;
    const Bytes bytes = TRY(store::read_file(disk_, folder_ / name, kMostPolicyBytes + 1));
    own.push_back({name, std::string(bytes.begin(), bytes.end())});
  }
  return replaced(std::move(own), "", nullptr);
}

Result<void> Policies::reload() {
  auto own = read_folder();
  std::vector<PolicyFinding> findings;
  std::shared_ptr<const Rules> rules;
  if (!own.ok()) {
    findings.push_back(whole_file(folder_.string(), own.error().message));
  } else if (own.value().size() > kMostPolicyFiles) {
    findings.push_back(
        whole_file(folder_.string(), "more than " + std::to_string(kMostPolicyFiles) + " files"));
  } else {
    findings = TRY(check_policies(own.value(), catalogue_, purposes_));
  }
  if (!any_refuses(findings)) rules = TRY(make_rules(catalogue_, purposes_, own.value()));
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  own_ = own.ok() ? std::move(own).value() : std::vector<PolicyText>();
  findings_ = std::move(findings);
  return {};
}

std::shared_ptr<const Rules> Policies::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

std::vector<PolicyFinding> Policies::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

std::vector<PolicyTold> Policies::list() const {
  std::vector<PolicyTold> all;
  for (const auto& text : built_in_policies()) tell(text, all);
  const std::lock_guard lock(mutex_);
  for (const auto& text : own_) tell(text, all);
  return all;
}

Result<std::vector<PolicyFinding>> Policies::check(const PolicyText& text) const {
  std::vector<PolicyText> own;
  {
    const std::lock_guard lock(mutex_);
    own = own_;
  }
  auto findings =
      TRY(check_policies(replaced(std::move(own), text.file, &text.text), catalogue_, purposes_));
  std::erase_if(findings,
                [&text](const PolicyFinding& finding) { return finding.file != text.file; });
  return findings;
}

Result<std::shared_ptr<const Rules>> Policies::rules_with(const std::string& file,
                                                          const std::string* text) const {
  std::vector<PolicyText> own;
  {
    const std::lock_guard lock(mutex_);
    own = own_;
  }
  own = replaced(std::move(own), file, text);
  const auto findings = TRY(check_policies(own, catalogue_, purposes_));
  if (any_refuses(findings)) return std::shared_ptr<const Rules>();
  return make_rules(catalogue_, purposes_, own);
}

Result<void> Policies::make_room() const {
  if (folder_.empty()) return refusal(ErrorCode::Malformed, "policy.no_folder");
  return disk_.make_folder(folder_);
}

Result<void> Policies::must_have(const std::string& file) const {
  const bool is_there = TRY(disk_.exists(folder_ / file));
  if (!is_there) return refusal(ErrorCode::NotFound, "policy.unknown", {{"file", file}});
  return {};
}

Result<void> Policies::put(const PolicyText& text) {
  TRY(make_room());
  const std::lock_guard lock(changes_);
  TRY(store::replace_file(disk_, folder_ / text.file, bytes_of(text.text)));
  return reload();
}

Result<void> Policies::remove(const std::string& file) {
  const std::lock_guard lock(changes_);
  TRY(must_have(file));
  TRY(disk_.remove(folder_ / file));
  TRY(disk_.sync_folder(folder_));
  return reload();
}

}  // namespace vrm::gate
