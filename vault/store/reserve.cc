#include "vault/store/reserve.h"

namespace vrm::store {

namespace {

// Some eighty grants taken back one by one: each leaves some 3 KiB in the file once the log is brought into it.
constexpr std::size_t kReserveBytes = std::size_t{256} << 10;

}  // namespace

Result<void> Reserve::take() {
  if (held_) return {};
  held_ = TRY(disk_.exists(path_));
  if (held_) return {};
  Bytes bytes(kReserveBytes);
  random_.fill(bytes);  // zeros might take no room
  auto taken = replace_file(disk_, path_, bytes);
  held_ = taken.ok();
  if (held_) return {};
  std::filesystem::path part = path_;
  part += ".new";
  static_cast<void>(disk_.remove(part).ok());
  return taken;
}

bool Reserve::give_up() {
  held_ = false;
  return disk_.remove(path_).ok();
}

}  // namespace vrm::store
