#pragma once
// A document in and out of a vault, beside libsodium's secretstream and a plain copy of the same bytes to the same disk.

#include <filesystem>

#include "vault/base/result.h"

namespace vrm::bench {

struct DocumentTimes {
  double mebibytes = 0;
  double in_ms = 0;  // medians
  double out_ms = 0;
  double raw_in_ms = 0;
  double raw_out_ms = 0;
};

// Turn by turn, so that a slow minute of the disk meets both. `below` must be a disk. Io.
Result<DocumentTimes> time_documents(const std::filesystem::path& below);

}  // namespace vrm::bench
