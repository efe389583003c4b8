#pragma once
// Which policies a request may be about, by the entities that their scopes name: of many policies, most are about others.
//
// A scope that names an entity can only hold for that entity and what is in it. So it is enough to look under the principal, what
// the principal is in, and "any", and there under the same of the resource (slicing: Cedar, OOPSLA 2024, section 3.4).

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "policies/cedar/evaluator.h"

namespace cedar {

class PolicyIndex {
 public:
  using Positions = std::vector<std::uint32_t>;  // in the set, ascending

  // Positions, ascending. It dies with the next change of the index.
  class Candidates {
   public:
    auto begin() const { return all().begin(); }
    auto end() const { return all().end(); }

   private:
    friend class PolicyIndex;
    const Positions& all() const { return only_ == nullptr ? gathered_ : *only_; }
    void take(const Positions& some);

    const Positions* only_ = nullptr;  // the index's own, while there is one place only
    Positions gathered_;
  };

  // REQUIRES: `position` is behind all others.
  void add(const Policy& policy, std::uint32_t position);
  // Those behind it move down by one. REQUIRES: it was added there.
  void remove(const Policy& policy, std::uint32_t position);

  // The scope of any other policy does not hold for this request.
  Candidates candidates(const Request& request, const Entities& entities) const;

 private:
  template <typename T>
  using ByEntity = std::unordered_map<EntityUid, T, EntityUidHash>;

  struct OfPrincipal {
    Positions any_resource;
    ByEntity<Positions> by_resource;
  };

  Positions& place_of(const Policy& policy);
  void move_down(std::uint32_t behind);

  OfPrincipal any_principal_;
  ByEntity<OfPrincipal> by_principal_;
};

}  // namespace cedar
