#pragma once
// Whether a brand asks for more than it says that it does: what is asked, held against the uses of its own document.
// It is shown to the owner wherever they decide, and refuses nothing by itself.

#include <cstdint>
#include <string_view>
#include <vector>

#include "vault/brands/brand.h"
#include "vault/grants/purposes.h"

namespace vrm::gate {

class OverAsking {
 public:
  // What `brand` registered for `purpose` (a DPV name or its word): the use of that purpose, or of the nearest one above
  // it. Everything handed in outlives this.
  OverAsking(const brands::Brand& brand, const grants::Purposes& purposes,
             std::string_view purpose);

  // False: the document names no use at all, so there is nothing to hold anything against.
  bool is_registered() const { return !uses_.empty(); }
  // The document names uses, and none of them covers this purpose.
  bool purpose() const { return is_registered() && use_ == nullptr; }
  // The use of this purpose does not name the field, nor a group that it is of.
  bool field(std::string_view name) const;
  // It would be kept longer than the use says, or without saying how long where the use says it. 0: not said.
  bool retention(std::int64_t days) const;
  // Days of the use; 0 where there is no use, or where it says none.
  std::int64_t registered_days() const { return use_ == nullptr ? 0 : use_->retention_days; }

 private:
  const std::vector<brands::Use>& uses_;
  const brands::Use* use_ = nullptr;
};

}  // namespace vrm::gate
