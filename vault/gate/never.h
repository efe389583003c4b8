#pragma once
// Whether any grant that the owner could make would let anybody read a field.
//
// "Any" is: to any brand that is known, to any that may come to be known (and to any that a policy names), for any purpose,
// of any length, with or without a limit of reads, and read for any purpose, at any time. Which policies there are is as
// it is now. A grant that a policy names is looked at as well, whether there is one or not: where only such a one may open
// the field there is no example, and it is not sure.

#include <optional>
#include <string>
#include <vector>

#include "vault/brands/brand_book.h"
#include "vault/gate/exposure.h"

namespace vrm::gate {

// A grant for just this as the owner could make it at that moment, taken up and without a limit of reads. No grant has its id.
grants::Grant imagined_grant(const brands::Brand& brand, const std::string& field,
                             const grants::Purpose& purpose, Instant at);

// A grant with which the field is read.
struct Reachable {
  std::string brand;  // handle; "": one that is not known yet
  brands::Trust trust;
  std::string purpose;  // DPV name
  Opening opening;
};

struct Never {
  bool is_sure = false;              // the policies refuse it, whatever grant is made
  std::optional<Reachable> example;  // nothing, and not sure: it cannot be told
  std::vector<std::string>
      refusing;  // ids of the policies that forbid it; where nothing permits it there may be none
};

// REQUIRES: `known` are alive while it runs.
Result<Never> never_read(const PolicyGround& ground, const grants::Purposes& purposes,
                         const std::vector<brands::BrandPtr>& known, const std::string& field,
                         Instant now);

}  // namespace vrm::gate
