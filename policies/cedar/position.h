#pragma once
// Where something stands in a policy text, for people and for later tools.

#include <cstdint>
#include <string>

#include "vault/base/error.h"

namespace cedar {

struct Position {
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in Unicode scalars
  std::uint32_t offset = 0;  // from 0, in bytes

  friend bool operator==(const Position&, const Position&) = default;
};

// Malformed, with a message that begins `line 3, column 5: `.
vrm::Error malformed_at(Position at, const std::string& reason);

}  // namespace cedar
