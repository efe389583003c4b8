#pragma once
// How far a transfer has come, on stderr while it takes more than a second or so: one line that is drawn over, and gone
// when it ends. Nothing where stderr is no terminal, with --json or with --quiet.

#include <cstdint>
#include <string>

#include "cli/screen.h"
#include "vault/base/clock.h"

namespace vrm::cli {

class TransferLine {
 public:
  // `key` names a sentence with the gaps {done} and {all}, in MiB.
  TransferLine(const Screen& screen, std::string key);
  ~TransferLine();
  TransferLine(const TransferLine&) = delete;
  TransferLine& operator=(const TransferLine&) = delete;

  void tell(std::uint64_t done, std::uint64_t all);

 private:
  const Screen& screen_;
  const std::string key_;
  const SystemClock clock_;
  const bool shows_;
  const Duration began_;
  Duration drawn_at_{0};
  bool drawn_ = false;
};

}  // namespace vrm::cli
