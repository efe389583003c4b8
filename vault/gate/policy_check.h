#pragma once
// Whether policies mean something in this vault: asked of the owner's before they count, and of those that are linked in at start.

#include <string>
#include <vector>

#include "policies/cedar/schema.h"
#include "vault/gate/rules.h"

namespace vrm::gate {

struct PolicyFinding {
  std::string file;
  std::string policy;   // its id; "" when the text does not parse
  std::string message;  // begins `line 3, column 5: `; English, as all that the language says
  bool refuses;         // else it should be looked at
};

inline constexpr std::size_t kMostPolicyBytes = 32 * 1024;  // of a file

// policies/vrm.cedarschema. Corrupt: the build's own text is wrong.
Result<cedar::Schema> vault_schema();

// What is wrong with the owner's policies beside those that are linked in, and what should be looked at. Refused is what does not
// parse, is no policy, is too long, or has an id twice; what does not validate strictly; and what names a purpose that there is not,
// or a category or field that is nearly one that there is: such a rule would keep silent.
// Corrupt: as vault_schema().
Result<std::vector<PolicyFinding>> check_policies(const std::vector<PolicyText>& own,
                                                  const profile::Catalogue& catalogue,
                                                  const grants::Purposes& purposes);

// Whether those that are linked in, and what stays while the vault runs, are as the schema says. Corrupt: they are not.
Result<void> check_built_in_policies(const profile::Catalogue& catalogue,
                                     const grants::Purposes& purposes);

bool any_refuses(const std::vector<PolicyFinding>& findings);

}  // namespace vrm::gate
