#pragma once
// What validation says of a policy, and where.

#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/position.h"

namespace cedar {

struct Finding {
  Position at;
  std::string message;  // one sentence, lower case, no full stop

  friend bool operator==(const Finding&, const Finding&) = default;
};

// ": did you mean `name`?" for the nearest of `names` that is near what was written; "" when none is.
std::string did_you_mean(std::string_view written, const std::vector<std::string>& names);

}  // namespace cedar
