#pragma once
// The answer to a request of which parts are left open, for everything that they may be: exact pieces, each with one answer.
//
//   now ------|=========08:00-20:00=========|------      a box for each piece; together they are
//        notBefore                       expires         all that may be, and none overlap
//
// Where a policy compares an open value, the range is cut; what stands in between is asked of the
// engine itself, once. Neighbours of one answer are put together again, so that where pieces meet the
// answer does change. Values are whole numbers and milliseconds: a cut at t lies between t - 1 and t.

#include <span>
#include <vector>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/open_value.h"

namespace cedar {

struct Piece {
  Box box;
  // Everywhere in the box; but messages and places of its errors are those of one place in it.
  Response response;
};

// More pieces than these, before neighbours are put together, are refused.
inline constexpr std::size_t kMostPieces = 4'000;

// In the request's context and in the store something stands already for each open value; what it
// is does not count. Malformed: something that may be reached leaves the fragment (see outlook.h), and the
// message names policy, line and column; or there are more than kMostPieces. NotFound: nothing stands
// for an open value. REQUIRES: no open value twice.
vrm::Result<std::vector<Piece>> enumerate(const Request& request, const PolicySet& policies,
                                          const Entities& entities,
                                          std::span<const OpenValue> open);

// Whether this request could be allowed, whatever the open values are, each for itself. False is sure, true is not: what
// leaves the fragment counts as possible. REQUIRES: something stands for each open value.
bool may_allow(const Request& request, const PolicySet& policies, const Entities& entities,
               std::span<const OpenValue> open);

// Whether anything could be allowed, whatever the open values are and whatever resource of the type
// of `request.resource` is asked for. False is sure, true is not. It costs one walk over the policies.
// REQUIRES: something stands for each open value, and no attribute or tag in the store names an entity of
// that type.
bool may_allow_some(const Request& request, const PolicySet& policies, const Entities& entities,
                    std::span<const OpenValue> open);

}  // namespace cedar
