#pragma once
// What is measured: the real vrmd on a vault of its own in a temporary folder.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tests/bench/owner.h"
#include "tests/bench/process.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct RigPlan {
  std::filesystem::path programs;  // the folder of vrmd and vrm
  std::filesystem::path below;     // where the temporary folder is made
  std::optional<int> core;         // of vrmd
  bool tls = false;                // on the brand door, with a certificate made for this run
};

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  // Io: the system refused.
  static Result<TemporaryFolder> make(const std::filesystem::path& below);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

class Rig {
 public:
  // vrmd runs, and its vault is made and open. Unavailable, Denied: what vrmd or its owner's API
  // refused. Io: the folder.
  static Result<std::unique_ptr<Rig>> start(const RigPlan& plan);

  Program& vrmd() { return *vrmd_; }
  Owner& owner() { return *owner_; }
  // Where brands reach it: a free port of 127.0.0.1.
  int port() const { return port_; }
  std::string base() const {
    return (plan_.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
  }
  bool has_tls() const { return plan_.tls; }
  std::string folder() const { return folder_.path() / "vault"; }
  std::string socket() const { return folder_.path() / "vrm.sock"; }
  std::string shop_folder() const { return folder_.path() / "shop"; }

  // Ends vrmd and starts it again; the vault is then sealed. Unavailable: see start.
  Result<void> restart();
  // Runs `vrm` with these words against this vault and gives how long it took, in microseconds.
  // Unavailable: it did not end well.
  Result<std::uint64_t> run_vrm(std::vector<std::string> words);

 private:
  Rig(RigPlan plan, TemporaryFolder folder, int port)
      : plan_(std::move(plan)), folder_(std::move(folder)), port_(port) {}
  Result<void> launch();
  // Its own CA for this process as well: who calls it here trusts it.
  Result<void> make_certificate();

  RigPlan plan_;
  TemporaryFolder folder_;
  int port_;
  std::unique_ptr<Program> vrmd_;
  std::unique_ptr<Owner> owner_;
};

}  // namespace vrm::bench
