#pragma once
// A request and its store at one place of a box: with the first value of its extent for each open one.

#include <memory>
#include <span>
#include <vector>

#include "policies/cedar/evaluator.h"
#include "policies/cedar/open_value.h"

namespace cedar {

// Whether the request or the store has something in the place of the open value.
bool stands(const Request& request, const Entities& entities, const OpenValue& open);

class Sample {
 public:
  // REQUIRES: something stands for each open value, each extent of the box has a value, and `entities`
  // lives as long as the sample.
  Sample(const Request& request, const Entities& entities, std::span<const OpenValue> open,
         const Box& box);

  const Request& request() const { return request_; }
  const Entities& entities() const { return *entities_; }

 private:
  Request request_;
  std::vector<std::unique_ptr<const Entities>> overlays_;  // each stands on the one before
  const Entities* entities_;                               // the last of them
};

}  // namespace cedar
