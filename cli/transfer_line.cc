#include "cli/transfer_line.h"

#include <unistd.h>

#include "cli/file.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

constexpr Duration kBeforeDrawing(1'000);
constexpr Duration kBetweenDraws(100);
constexpr std::string_view kClearLine = "\r\x1b[K";

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string((bytes + (std::uint64_t{1} << 20) - 1) >> 20);
}

}  // namespace

TransferLine::TransferLine(const Screen& screen, std::string key)
    : screen_(screen),
      key_(std::move(key)),
      shows_(::isatty(STDERR_FILENO) == 1 && !screen.settings().json && !screen.settings().quiet),
      began_(clock_.ticks()) {}

TransferLine::~TransferLine() {
  // That a line of progress stays on the screen is no failure of what was done.
  if (drawn_) static_cast<void>(write_all(STDERR_FILENO, kClearLine).ok());
}

void TransferLine::tell(std::uint64_t done, std::uint64_t all) {
  const Duration now = clock_.ticks();
  if (!shows_ || now - began_ < kBeforeDrawing || now - drawn_at_ < kBetweenDraws) return;
  const std::string sentence =
      printable(screen_.text(key_, {{"done", mebibytes(done)}, {"all", mebibytes(all)}}),
                screen_.settings().columns - 1);
  drawn_ = write_all(STDERR_FILENO, std::string(kClearLine) + sentence).ok();
  drawn_at_ = now;
}

}  // namespace vrm::cli
