#pragma once
// What brands could read if they asked for everything they can: exactly, from the policies themselves.
//
//   grant x purpose x field  --  cut by time and count of reads where the answer changes  -->  openings
//
// The answer of each cell is that of Rules::decide, at every moment and for every count of reads; besides, a grant must be
// one that a token opens (Active), as the brand's desk asks. Policies whose answer cannot be enumerated are refused
// (policies/cedar/outlook.h says which those are).

#include <span>
#include <string>
#include <vector>

#include "policies/cedar/enumeration.h"
#include "vault/gate/rules.h"

namespace vrm::gate {

// Where one cell is open: while both hold, and no longer.
struct Opening {
  std::string brand;  // handle
  std::string grant;  // id
  std::string field;
  std::string purpose;            // DPV name
  cedar::Extent when;             // milliseconds; a last of INT64_MAX is without end
  std::int64_t reads_so_far = 0;  // the grant's, when it was looked at
  cedar::Span reads;              // counts of reads made before; a last of INT64_MAX is without end
  bool once = false;              // the first read of the field closes it
  std::vector<std::string> reasons;  // the policies that allow it
};

class Exposure {
 public:
  // For these fields and every purpose of the tree. REQUIRES: ground and purposes live as long as it does.
  Exposure(const PolicyGround& ground, const grants::Purposes& purposes,
           const std::vector<std::string>& fields);

  // What the brand can read with the grant from that moment on, by purpose and field. A grant that waits for its brand counts
  // as taken up, which it may be at any time. Malformed: the policies leave what can be enumerated; the message names
  // policy, line and column. Conflict: as world_of(). REQUIRES: the grant is the brand's.
  Result<std::vector<Opening>> of(const brands::Brand& brand, const grants::Grant& grant,
                                  Instant from) const;

 private:
  // Fields that no policy can tell apart, but by the grant.
  using Alike = std::vector<std::string>;
  // A part of what is to come, in which the grant stands as it does.
  struct Part {
    cedar::Span times;
    cedar::Span reads;
  };

  void sort_into_alikes(const std::vector<std::string>& fields);
  static std::vector<Part> parts_of(const grants::Grant& grant, Instant from);
  Result<void> add_part(const brands::Brand& brand, const grants::Grant& grant, const Part& part,
                        std::vector<Opening>& openings) const;
  Result<void> add_purpose(const Question& question, const Part& part,
                           std::vector<Opening>& openings) const;

  const PolicyGround& ground_;
  const grants::Purposes& purposes_;
  std::vector<Alike> alikes_;
};

// What is open by `after` and not by `before`, cell by cell.
std::vector<Opening> newly_open(const std::vector<Opening>& before,
                                const std::vector<Opening>& after);

}  // namespace vrm::gate
