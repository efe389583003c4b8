#include "tests/bench/bench_vault.h"

namespace vrm::bench {
namespace {

store::Opener bench_credential() {
  return store::Credential{crypto::Secret::copy_of(Bytes(store::kCredentialBytes, 7))};
}

}  // namespace

BenchVault::BenchVault(TemporaryFolder made) : folder(std::move(made)) {
  options.folder = folder.path() / "vault";
}

Result<std::unique_ptr<BenchVault>> BenchVault::make(const std::filesystem::path& below) {
  TemporaryFolder folder = TRY(TemporaryFolder::make(below));
  std::unique_ptr<BenchVault> made(new BenchVault(std::move(folder)));
  made->store =
      TRY(store::Store::create(made->disk, made->random, made->options, bench_credential()));
  return made;
}

Result<void> BenchVault::attach() {
  store.reset();
  store = TRY(store::Store::attach(disk, random, options));
  return {};
}

Result<void> BenchVault::unlock() {
  TRY(store->unlock(bench_credential(), store::OpenFor::Use));
  return {};
}

}  // namespace vrm::bench
