#pragma once
// The vault's ranking of many offers to one intent, beside sorting as many by their total alone.

#include <cstddef>

#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct RankTimes {
  double read_ms = 0;  // the kept offers' signed bytes, read anew as for every table
  double rank_ms = 0;  // musts, points, score and order
  double sort_ms = 0;  // std::sort by total and nothing else
};

// Medians. Unavailable: the vault ranked them wrongly. Io: the folder of a key, made in `below`.
Result<RankTimes> time_ranking(const std::filesystem::path& below, std::size_t offers);
// Prints a line about it.
Result<void> print_ranking(const std::filesystem::path& below, std::size_t offers);

}  // namespace vrm::bench
