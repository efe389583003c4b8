#pragma once
// The machine under the measurement: its cores, limits, memory and disk.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/result.h"

namespace vrm::bench {

// Io: `what` was refused, in the words of errno.
Error refused_by_system(const std::string& what);

// The cores that this process may use.
std::vector<int> usable_cores();
// Io: the system refused.
Result<void> pin_to_core(int core);
// To the hard limit, for this process and those it starts.
void raise_file_limit();

struct ProcessUse {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
};
// NotFound: no such process.
Result<ProcessUse> use_of(pid_t pid);

// Of this process: user and system time of all threads so far.
double own_cpu_seconds();
// Of this process: what malloc has given out and not got back.
std::uint64_t heap_bytes();

// How long fdatasync takes after 4 KiB more in a file of `folder`, in microseconds, once for each
// of `times`. Io: the system refused.
Result<std::vector<std::uint64_t>> flush_times_us(const std::string& folder, int times);

// A median of how long one Ed25519 verification of a DPoP proof's length takes, in microseconds.
double verify_time_us();
// The same of one Ed25519 signature over `bytes` bytes.
double sign_time_us(std::size_t bytes);

// True when the folder lies in memory, where a flush costs nothing.
bool lies_in_memory(const std::string& folder);

// The bytes of all files below `folder`.
std::uint64_t bytes_below(const std::string& folder);

}  // namespace vrm::bench
