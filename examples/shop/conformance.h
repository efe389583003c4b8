#pragma once
// The checks that a brand can run against any vault that introduced itself to it: does it keep
// docs/api/brand.md? Every check is a call that the page says the answer to.
//
// None of them bothers the owner, but for `ask`, which asks once for one field and lets it lapse
// within a minute. With a grant in the shop's folder reading is checked too, at the cost of one read.

#include <functional>
#include <string>
#include <string_view>

#include "examples/shop/commands.h"
#include "examples/shop/say.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct ConformancePlan {
  std::string vault;  // its issuer; "" for the one heard of last
  bool ask = false;
};

// Says a line for each check, and at the end how many held. kRefused when one did not.
// NotFound: no such vault has introduced itself. Unavailable: the vault does not answer.
Result<int> check_conformance(const Desk& desk, const ConformancePlan& plan, const Say& say);

}  // namespace vrm::shop
