#pragma once
// A store of its own in a temporary folder, opened by a credential.

#include <filesystem>
#include <memory>

#include "tests/bench/rig.h"
#include "vault/crypto/system_random.h"
#include "vault/store/store.h"

namespace vrm::bench {

struct BenchVault {
  // Made and open. `below` must be a disk. Io: it refused.
  static Result<std::unique_ptr<BenchVault>> make(const std::filesystem::path& below);

  Result<void> attach();
  Result<void> unlock();

  TemporaryFolder folder;
  store::SystemDisk disk;
  crypto::SystemRandom random;
  store::Options options;
  std::unique_ptr<store::Store> store;

 private:
  explicit BenchVault(TemporaryFolder made);
};

}  // namespace vrm::bench
