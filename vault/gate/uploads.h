#pragma once
// Documents on their way into the vault, part after part. What nobody goes on with is dropped, and so is all of it when
// the vault is locked. Safe from any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vault/api/paths.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/profile/document_book.h"
#include "vault/store/document.h"

namespace vrm::gate {

// A document goes in and out in parts of so many bytes; the last one may have fewer.
inline constexpr std::uint64_t kPartBytes = api::kPartBytes;

// At least one: the only part of an empty document has no bytes.
constexpr std::uint64_t parts_of(std::uint64_t size) {
  return size == 0 ? 1 : (size + kPartBytes - 1) / kPartBytes;
}
constexpr std::uint64_t bytes_of_part(std::uint64_t size, std::uint64_t part) {
  const std::uint64_t before = (part - 1) * kPartBytes;
  return size - before < kPartBytes ? size - before : kPartBytes;
}

// One of them. What is not const is changed with `mutex` held.
struct Upload {
  Upload(std::unique_ptr<store::NewDocument> begun, profile::Document what)
      : document(std::move(what)), file(std::move(begun)) {}

  const profile::Document document;  // its size is what was announced
  std::mutex mutex;
  std::unique_ptr<store::NewDocument> file;  // null once it ended
  std::uint64_t next = 1;                    // the part that is wanted
};
using UploadPtr = std::shared_ptr<Upload>;

class Uploads {
 public:
  // Gives its name. Conflict (document.too_many): as many as may be are under way.
  Result<std::string> add(UploadPtr upload, Duration now, Random& random);
  // Somebody goes on with it. NotFound (document.no_upload): it ended, or was dropped.
  Result<UploadPtr> find(std::string_view id, Duration now);
  // NotFound, likewise.
  Result<UploadPtr> take(std::string_view id);
  void drop_stale(Duration now);
  void clear();

 private:
  struct Waiting {
    UploadPtr upload;
    Duration touched;
  };

  std::mutex mutex_;
  std::map<std::string, Waiting, std::less<>> waiting_;
};

}  // namespace vrm::gate
