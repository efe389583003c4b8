#pragma once
// A readable copy of a document, in a folder of this login's memory that nobody else may enter, for as long as somebody
// looks at it.

#include <string>
#include <string_view>

#include "cli/file.h"
#include "vault/base/result.h"

namespace vrm::cli {

// A name that is one file's in a folder, whatever it was made of.
std::string safe_file_name(std::string_view name);

class PlainCopy {
 public:
  // Unavailable (doc.no_room): there is no $XDG_RUNTIME_DIR of ours. Io.
  static Result<PlainCopy> make(std::string_view name);
  PlainCopy(PlainCopy&&) noexcept = default;
  PlainCopy& operator=(PlainCopy&&) = delete;
  // Overwrites and removes it.
  ~PlainCopy();

  int fd() const { return file_.fd(); }
  const std::string& path() const { return path_; }

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
