#include "vault/gate/policy_check.h"

#include <algorithm>
#include <functional>
#include <map>

#include "policies/cedar/conformance.h"
#include "policies/cedar/schema_parser.h"
#include "policies/cedar/validator.h"
#include "vault/base/embed.h"
#include "vault/base/text.h"
#include "vault/gate/policy_world.h"

VRM_DECLARE_EMBEDDED(policies_vrm_cedarschema);

namespace vrm::gate {

namespace {

constexpr std::size_t kMostPrinted = 120;

// The names that policies may give, by type.
struct KnownNames {
  std::vector<std::string> purposes;
  std::vector<std::string> categories;
  std::vector<std::string> fields;
};

KnownNames names_of(const std::vector<cedar::Entity>& resident) {
  KnownNames names;
  for (const auto& entity : resident) {
    const std::string& type = entity.uid.type();
    auto& of_type = type == "VRM::Purpose"    ? names.purposes
                    : type == "VRM::Category" ? names.categories
                                              : names.fields;
    of_type.push_back(entity.uid.id());
  }
  return names;
}

// The file of each id; "" of what is linked in.
using Taken = std::map<std::string, std::string>;

// Checks the policies of one vault, one text after the other.
class PolicyChecker {
 public:
  PolicyChecker(const cedar::Schema& schema, const KnownNames& names, Taken taken)
      : schema_(schema), names_(names), taken_(std::move(taken)) {}

  void check(const PolicyText& text) {
    file_ = text.file;
    policy_.clear();
    if (text.text.size() > kMostPolicyBytes)
      return find({}, "the file has more than " + std::to_string(kMostPolicyBytes) + " bytes",
                  true);
    const auto policies = read_policies(text);
    if (!policies.ok())
      return findings_.push_back({file_, "", printable(policies.error().message, 400), true});
    for (const auto& policy : policies.value()) check(policy);
  }

  std::vector<PolicyFinding> findings() && { return std::move(findings_); }

 private:
  void find(cedar::Position at, const std::string& what, bool refuses) {
    findings_.push_back(
        {file_, policy_, cedar::malformed_at(at, printable(what, 400)).message, refuses});
  }

  void check(const cedar::Policy& policy) {
    const cedar::PolicyBody& body = *policy.body;
    policy_ = printable(policy.id, kMostPrinted);
    const auto [place, is_new] = taken_.emplace(policy.id, file_);
    if (!is_new)
      find(body.at,
           "there is a policy with the id `" + policy.id + "` already, " +
               (place->second.empty() ? "built in" : "in " + place->second),
           true);
    if (body.has_slot()) return find(body.at, "a template, where only policies count", true);
    const auto found = cedar::validate(policy.id, body, policy.slots, schema_);
    for (const auto& error : found.errors) find(error.at, error.message, true);
    for (const auto& warning : found.warnings) find(warning.at, warning.message, false);
    for (const auto* scope : {&body.principal, &body.resource})
      for (const auto& uid : scope->entities) check_name(scope->at, uid);
    for (const auto& condition : body.conditions) check_names(*condition.body);
    if (body.effect == cedar::Effect::Permit)
      find(body.at,
           "a permit lets brands use the grants they have for more than you granted; a forbid only "
           "takes away",
           false);
  }

  void check_names(const cedar::Expression& expression) {
    if (const auto* literal = std::get_if<cedar::Literal>(&expression.node))
      if (const auto* uid = literal->value.get<cedar::EntityUid>()) check_name(expression.at, *uid);
    for (const auto* operand : cedar::operands(expression)) check_names(*operand);
  }

  void check_name(cedar::Position at, const cedar::EntityUid& uid) {
    if (uid.type() == "VRM::Purpose") return check_among(at, uid, names_.purposes, "purpose");
    if (uid.type() == "VRM::Category") return check_among(at, uid, names_.categories, "category");
    if (uid.type() == "VRM::Field") return check_among(at, uid, names_.fields, "field");
    if (uid.type() == "VRM::Brand" && !uid.id().starts_with("https://") &&
        !uid.id().starts_with("http://"))
      find(at, uid.to_string() + ": a brand's id is the address of its document, https://...",
           true);
  }

  // Purposes are those of the tree; categories and fields may be of the owner's own naming.
  void check_among(cedar::Position at, const cedar::EntityUid& uid,
                   const std::vector<std::string>& names, const std::string& what) {
    if (std::find(names.begin(), names.end(), uid.id()) != names.end()) return;
    const std::string meant = cedar::did_you_mean(uid.id(), names);
    const bool refuses = what == "purpose" || !meant.empty();
    find(at, "there is no " + what + " `" + uid.id() + "` in the catalogue" + meant, refuses);
  }

  const cedar::Schema& schema_;
  const KnownNames& names_;
  Taken taken_;
  std::string file_;
  std::string policy_;
  std::vector<PolicyFinding> findings_;
};

Result<Taken> built_in_ids() {
  Taken ids;
  for (const auto& text : built_in_policies()) {
    const auto policies = TRY(read_policies(text));
    for (const auto& policy : policies) ids.emplace(policy.id, text.file);
  }
  return ids;
}

}  // namespace

Result<cedar::Schema> vault_schema() {
  const auto fragment = cedar::parse_schema(VRM_EMBEDDED(policies_vrm_cedarschema));
  if (!fragment.ok()) return Error{ErrorCode::Corrupt, fragment.error().message};
  auto schema = cedar::Schema::resolve(fragment.value());
  if (!schema.ok()) return Error{ErrorCode::Corrupt, schema.error().message};
  return schema;
}

Result<std::vector<PolicyFinding>> check_policies(const std::vector<PolicyText>& own,
                                                  const profile::Catalogue& catalogue,
                                                  const grants::Purposes& purposes) {
  const cedar::Schema schema = TRY(vault_schema());
  const KnownNames names = names_of(resident_entities(catalogue, purposes));
  auto ids = TRY(built_in_ids());
  PolicyChecker checker(schema, names, std::move(ids));
  for (const auto& text : own) checker.check(text);
  return std::move(checker).findings();
}

Result<void> check_built_in_policies(const profile::Catalogue& catalogue,
                                     const grants::Purposes& purposes) {
  const cedar::Schema schema = TRY(vault_schema());
  const auto resident = resident_entities(catalogue, purposes);
  if (auto checked = cedar::check_entities(resident, schema); !checked.ok())
    return Error{ErrorCode::Corrupt, checked.error().message};
  const KnownNames names = names_of(resident);
  PolicyChecker checker(schema, names, {});
  for (const auto& text : built_in_policies()) checker.check(text);
  const auto findings = std::move(checker).findings();
  for (const auto& finding : findings)
    if (finding.refuses) return Error{ErrorCode::Corrupt, finding.policy + ": " + finding.message};
  return {};
}

bool any_refuses(const std::vector<PolicyFinding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const PolicyFinding& finding) { return finding.refuses; });
}

}  // namespace vrm::gate
