#pragma once
// What a person reads who ends a command with Ctrl-C: what became of what they asked for, and what
// to type next. The command then ends by the signal, as a shell expects it.
//
// A signal's handler reaches nothing but what is global: here the sentences, made beforehand, and
// which of them is true now. Where SIGINT is ignored (nohup), it stays so.

#include <string>
#include <string_view>

#include "cli/screen.h"

namespace vrm::cli {

// From now on; nothing was asked of the daemon yet. `command` as `vrm help` names it. Called once.
void tell_when_interrupted(const Screen& screen, std::string_view command);

// Where nothing was asked yet, it is said from now on that the daemon of the vault in `folder`,
// which this command started, runs on.
void interrupted_leaves_daemon(const Screen& screen, const std::string& folder);

// While it lives, the daemon is asked to change something. Afterwards that may be done, unless
// it is said that it was refused.
class UnderWay {
 public:
  explicit UnderWay(bool changes);
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  void was_refused();

 private:
  int before_;
};

// From now on this sentence is true: what was asked for is done, and only what becomes of it is
// followed.
void interrupted_says(const Screen& screen, std::string_view key, const Gaps& with);

}  // namespace vrm::cli
