#pragma once
// What the policies get to see of a question: the same for one decision (rules.h) and for all that could be asked
// (exposure.h).

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policies/cedar/authorizer.h"
#include "vault/gate/rules.h"

namespace vrm::gate {

// What stays while the vault runs.
struct PolicyGround {
  struct Purpose {
    cedar::EntityUid uid;
    cedar::Set alone;  // with nothing else in it
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <typename T>
  using ByName = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

  cedar::PolicySet policies;
  cedar::Entities resident;  // purposes, and the fields of the catalogue with their categories
  ByName<Purpose> purposes;  // of the resident ones, so that a question need not make them anew
  ByName<cedar::EntityUid> fields;
  std::vector<cedar::Record>
      brands;  // the attributes that a brand can have, all of them (policy_world.cc)

  // Malformed: a policy does not parse, or is a template, of which the vault makes no policies. Conflict: an id twice.
  static Result<PolicyGround> make(const std::vector<PolicyText>& policies,
                                   const profile::Catalogue& catalogue,
                                   const grants::Purposes& purposes);
};

// The policies of a text with their ids, in its order. Malformed: it does not parse.
Result<std::vector<cedar::Policy>> read_policies(const PolicyText& text);

// What stays while the vault runs, as entities: categories and purposes are trees.
std::vector<cedar::Entity> resident_entities(const profile::Catalogue& catalogue,
                                             const grants::Purposes& purposes);

struct PolicyWorld {
  cedar::Request request;
  cedar::Entities entities;  // stand on the ground, which must outlive them
};

// What an attribute of the context or of a grant is called, where it grows by itself.
inline constexpr const char* kNow = "now";
inline constexpr const char* kReads = "reads";
// Other times and counts of a grant.
inline constexpr const char* kNotBefore = "notBefore";
inline constexpr const char* kExpires = "expires";
inline constexpr const char* kMaxReads = "maxReads";

cedar::EntityUid uid_of(const grants::Grant& grant);

// Conflict: the question names something as the ground does already.
Result<PolicyWorld> world_of(const PolicyGround& ground, const Question& question);

// The gate's rule on top of Cedar's answer: a policy that errs means no.
bool lets_pass(const cedar::Response& response);

}  // namespace vrm::gate
