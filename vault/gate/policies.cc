#include "vault/gate/policies.h"

#include <algorithm>

#include "vault/base/bytes.h"
#include "vault/base/text.h"
#include "vault/gate/policy_world.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kPolicyEnding = ".cedar";
constexpr std::size_t kMostReasonPrinted = 400;

PolicyFinding whole_file(const std::string& file, const std::string& what) {
  return {file, "", "line 1, column 1: " + printable(what, kMostReasonPrinted), true};
}

PolicyFinding too_many(const std::string& file) {
  return whole_file(file, "more than " + std::to_string(kMostPolicyFiles) + " files");
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
  TRY(policies->enforce(policies->read_folder()));
  return policies;
}

bool Policies::Own::has(const std::string& file) const {
  const auto is_it = [&file](const auto& each) { return each.file == file; };
  return std::any_of(texts.begin(), texts.end(), is_it) ||
         std::any_of(unread.begin(), unread.end(), is_it);
}

Policies::Own Policies::read_folder() const {
  Own own;
  if (folder_.empty()) return own;
  const auto names = disk_.list(folder_);
  if (!names.ok()) own.unread.push_back(whole_file(folder_.string(), names.error().message));
  for (const auto& name : names.ok() ? names.value() : std::vector<std::string>()) {
    if (!name.ends_with(kPolicyEnding) || name.starts_with('.')) continue;
    const auto bytes = store::read_file(disk_, folder_ / name, kMostPolicyBytes);
    if (bytes.ok())
      own = with(std::move(own), name, std::string(bytes.value().begin(), bytes.value().end()));
    else
      own.unread.push_back(whole_file(name, bytes.error().message));
  }
  return own;
}

// Without that file, and then with this text of it.
Policies::Own Policies::with(Own own, const std::string& file, std::optional<std::string> text) {
  std::erase_if(own.texts, [&file](const PolicyText& each) { return each.file == file; });
  std::erase_if(own.unread, [&file](const PolicyFinding& each) { return each.file == file; });
  if (!text) return own;
  const auto place = std::find_if(own.texts.begin(), own.texts.end(),
                                  [&file](const PolicyText& each) { return each.file > file; });
  own.texts.insert(place, {file, std::move(*text)});
  return own;
}

Policies::Own Policies::own() const {
  const std::lock_guard lock(mutex_);
  return own_;
}

Result<std::vector<PolicyFinding>> Policies::findings_of(const Own& own) const {
  auto findings = own.unread;
  if (own.size() > kMostPolicyFiles) findings.push_back(too_many(folder_.string()));
  auto found = TRY(check_policies(own.texts, catalogue_, purposes_));
  findings.insert(findings.end(), found.begin(), found.end());
  return findings;
}

Result<std::shared_ptr<const Rules>> Policies::rules_of(
    const Own& own, const std::vector<PolicyFinding>& findings) const {
  if (any_refuses(findings)) return std::shared_ptr<const Rules>();
  auto rules = TRY(Rules::load(catalogue_, purposes_, own.texts));
  return std::make_shared<const Rules>(std::move(rules));
}

Result<void> Policies::enforce(Own own) {
  auto findings = TRY(findings_of(own));
  auto rules = TRY(rules_of(own, findings));
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  own_ = std::move(own);
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
  for (const auto& text : own_.texts) tell(text, all);
  return all;
}

Result<std::vector<PolicyFinding>> Policies::check(const PolicyText& text) const {
  Own others = with(own(), text.file, std::nullopt);
  // Last, so that of two policies with one id the new one is in the wrong.
  others.texts.push_back(text);
  auto findings = TRY(findings_of(others));
  std::erase_if(findings, [&](const PolicyFinding& finding) { return finding.file != text.file; });
  if (others.size() > kMostPolicyFiles) findings.push_back(too_many(text.file));
  return findings;
}

Result<std::shared_ptr<const Rules>> Policies::rules_with(const std::string& file,
                                                          std::optional<std::string> text) const {
  const Own then = with(own(), file, std::move(text));
  const auto findings = TRY(findings_of(then));
  return rules_of(then, findings);
}

Result<void> Policies::make_room() const {
  if (folder_.empty()) return refusal(ErrorCode::Malformed, "policy.no_folder");
  return disk_.make_folder(folder_);
}

Result<void> Policies::must_have(const std::string& file) const {
  const bool is_there = TRY(disk_.exists(folder_ / file));
  if (is_there || own().has(file)) return {};
  return refusal(ErrorCode::NotFound, "policy.unknown", {{"file", file}});
}

Result<void> Policies::put(const PolicyText& text) {
  TRY(make_room());
  const std::lock_guard lock(changes_);
  TRY(store::replace_file(disk_, folder_ / text.file, bytes_of(text.text)));
  return enforce(with(own(), text.file, text.text));
}

Result<void> Policies::remove(const std::string& file) {
  const std::lock_guard lock(changes_);
  TRY(must_have(file));
  const bool is_there = TRY(disk_.exists(folder_ / file));
  if (is_there) {
    TRY(disk_.remove(folder_ / file));
    TRY(disk_.sync_folder(folder_));
  }
  return enforce(with(own(), file, std::nullopt));
}

}  // namespace vrm::gate
