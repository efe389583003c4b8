#pragma once
// The owner who looks at the table of offers: once, or by the stream of events as
// `vrm offers --watch` does.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tests/bench/bids.h"
#include "tests/bench/latency.h"
#include "tests/bench/owner.h"
#include "vault/base/result.h"

namespace vrm::bench {

class TableWatch {
 public:
  // `socket` is the owner's; this has a connection of its own.
  TableWatch(const std::string& socket, std::string intent)
      : owner_(socket), intent_(std::move(intent)) {}

  // Reads the table; the next wait is for what comes after it. The errors are Owner's.
  Result<nlohmann::json> look();

  // Both of a wait: when the first event came, and when the table was read that is right.
  struct Seen {
    Moment event;
    Moment table;
  };
  // Follows the events, looking anew after each, until the table holds `bids` and nothing is wrong
  // with it. Unavailable: not within a minute; the message says what was wrong last.
  Result<Seen> wait_until_right(const std::vector<Bid>& bids);

 private:
  // True when something happened.
  Result<bool> wait_event();

  Owner owner_;
  const std::string intent_;
  std::int64_t cursor_ = 0;
};

}  // namespace vrm::bench
