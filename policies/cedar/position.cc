#include "policies/cedar/position.h"

namespace cedar {

vrm::Error malformed_at(Position at, const std::string& reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, "line " + std::to_string(at.line) + ", column " +
                                                   std::to_string(at.column) + ": " + reason};
}

}  // namespace cedar
