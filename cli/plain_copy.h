#pragma once
// A readable copy of a document, in a folder that nobody else may enter, for as long as somebody looks at it. In memory
// wherever the machine has such a place.

#include <string>
#include <string_view>
#include <vector>

#include "cli/file.h"
#include "vault/base/result.h"

namespace vrm::cli {

// A name that is one file's in a folder, whatever it was made of.
std::string safe_file_name(std::string_view name);

// Where a copy may lie, the best first: $XDG_RUNTIME_DIR when it is this login's alone, /dev/shm, $TMPDIR, /tmp.
std::vector<std::string> plain_places();

class PlainCopy {
 public:
  // In a folder of its own (0700) in the first of `places` that is this login's alone, or the system's and sticky. What a
  // killed run left in any of them is wiped. Unavailable (doc.no_room): there is no such place. Io.
  static Result<PlainCopy> make(std::string_view name,
                                const std::vector<std::string>& places = plain_places());
  PlainCopy(PlainCopy&&) noexcept = default;
  PlainCopy& operator=(PlainCopy&&) = delete;
  // Overwrites and removes it.
  ~PlainCopy();

  int fd() const { return file_.fd(); }
  const std::string& path() const { return path_; }
  // Whether it never reaches a disk, but for swap.
  bool is_in_memory() const;

 private:
  PlainCopy(std::string folder, std::string path, File file)
      : folder_(std::move(folder)), path_(std::move(path)), file_(std::move(file)) {}

  std::string folder_;
  std::string path_;
  File file_;
};

// Shows the file with the desktop's program for it; false: there is none.
bool show_with_desktop(const std::string& path);

// Waits for the person to press Enter. While it waits, what would end this process only ends the waiting, so that
// the copy is wiped in any case but kill -9.
void wait_for_enter(std::string_view question);

}  // namespace vrm::cli
