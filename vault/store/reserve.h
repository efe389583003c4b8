#pragma once
// Room on the disk that is given up when the disk is full, so that what must be possible then still is: taking a grant
// back, and opening the vault. While it is given up, nothing else is written.

#include <filesystem>

#include "vault/base/random.h"
#include "vault/store/disk.h"

namespace vrm::store {

class Reserve {
 public:
  Reserve(Disk& disk, Random& random, const std::filesystem::path& folder)
      : disk_(disk), random_(random), path_(folder / "reserve") {}

  // Takes the room, unless it is held already. Io: there is none now.
  Result<void> take();
  // False: there was nothing to give up.
  bool give_up();
  bool is_held() const { return held_; }

 private:
  Disk& disk_;
  Random& random_;
  const std::filesystem::path path_;
  bool held_ = false;
};

}  // namespace vrm::store
