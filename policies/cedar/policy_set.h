#pragma once
// Policies and templates by id.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/policy.h"
#include "policies/cedar/policy_index.h"
#include "vault/base/result.h"

namespace cedar {

// How parse() names what it reads.
enum class PolicyNames {
  Positional,    // policy0, policy1, ... in the order of the text, templates counted
  ByAnnotation,  // by @id, and by position where there is none
};

// May be copied; copies share the policies' bodies. Reading from several threads is safe while
// nobody changes it.
class PolicySet {
 public:
  // Malformed: see parser.h. Conflict: one id twice.
  static vrm::Result<PolicySet> parse(std::string_view text,
                                      PolicyNames names = PolicyNames::Positional);

  // Reads one policy or template and names it. Malformed: not exactly one. Conflict: the id is
  // taken.
  vrm::Result<void> add(std::string id, std::string_view text);

  // Takes one that was read already. Conflict: the id is taken.
  vrm::Result<void> add(std::string id, std::shared_ptr<const PolicyBody> body);

  // Makes a policy from a template. NotFound: no such template. Conflict: the id is taken.
  // Malformed: a slot without a value, or a value without a slot.
  vrm::Result<void> link(std::string_view template_id, std::string id, SlotValues slots);

  // Takes away a policy, a link, or a template. NotFound: no such id. Conflict: the template has
  // links.
  vrm::Result<void> remove(std::string_view id);

  // Those that decide, links among them, and those that only wait for links.
  std::span<const Policy> policies() const { return policies_; }
  std::span<const Template> templates() const { return templates_; }
  // Null: no such id. The pointer lives until the set changes.
  const Policy* find_policy(std::string_view id) const;
  const Template* find_template(std::string_view id) const;

  // By position in policies().
  const PolicyIndex& index() const { return index_; }

 private:
  // The names of policies and templates, with their positions.
  using Places = std::map<std::string, std::size_t, std::less<>>;

  vrm::Result<void> check_free(const std::string& id) const;
  void put(Policy policy);
  void put(Template waiting);

  std::vector<Policy> policies_;
  std::vector<Template> templates_;
  Places policy_places_;
  Places template_places_;
  PolicyIndex index_;
};

}  // namespace cedar
