#pragma once
// The same thing done many times, by several threads.

#include <cstddef>
#include <functional>

#include "vault/base/result.h"

namespace vrm::bench {

// `once` for each of 0 … count - 1, in this order, by `threads` threads. After a failure no new ones
// are begun; the first is given.
Result<void> at_once(std::size_t count, std::size_t threads,
                     const std::function<Result<void>(std::size_t)>& once);

}  // namespace vrm::bench
