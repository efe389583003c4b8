#pragma once
// SQLite's way to files, laid over a Disk, so that whatever stands in for the disk sees the
// database as well.
//
// Runs of adjacent writes are gathered and handed to the Disk as one at the next sync, read, or
// write elsewhere: a commit of many pages is one write and one sync. Locks are no concern of it:
// the folder's lock keeps others out.
//
// One thread at a time, as the connection that uses it.

#include <memory>
#include <optional>
#include <string>

#include "vault/base/error.h"
#include "vault/base/random.h"
#include "vault/store/disk.h"

namespace vrm::store {

class Vfs {
 public:
  Vfs(Disk& disk, Random& random);
  ~Vfs();
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;

  // What sqlite3_open_v2 takes.
  const std::string& name() const;

  // What the Disk said when it last failed, once.
  std::optional<Error> take_error();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace vrm::store
