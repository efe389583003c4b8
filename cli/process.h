#pragma once
// Other programs: one that tells a secret, and the daemon.

#include <string>
#include <vector>

#include "cli/file.h"
#include "cli/wiped_text.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/words/words.h"

namespace vrm::cli {

// What a program writes on stdout; its stderr is ours, its stdin /dev/null. REQUIRES: the program
// is named. Malformed: it ends with another status than 0, or writes more than a WipedText holds.
// Io.
Result<WipedText> output_of(const std::vector<std::string>& program);

struct DaemonPlan {
  std::string vault_folder;        // absolute
  std::string socket;              // absolute
  std::string config;              // file of remembered options, "" when there is none
  std::vector<std::string> flags;  // further ones
  Duration patience = Duration(30'000);
  words::Language language = words::Language::English;  // of what it says while it starts
};

// Starts vrmd (beside our own executable, else from PATH), detached from terminal and session, its
// words going to vrmd.log in the vault's folder; comes back when it has said that it is ready.
// Unavailable (daemon.…): no such program, or it ended or stayed silent instead.
Result<void> start_daemon(const DaemonPlan& plan);

// A process that is to end; made before it is told to, so that its number cannot have passed to
// another.
class Watched {
 public:
  explicit Watched(std::int64_t pid);
  // False: it still runs after `patience`.
  bool wait(Duration patience) const;

 private:
  File process_;
};

}  // namespace vrm::cli
