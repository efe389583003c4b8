#include "examples/shop/download.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/crypto/sha256.h"

namespace vrm::shop {
namespace {

// The most that a vault gives in one document.
constexpr std::int64_t kMostBytes = 100 * 1024 * 1024;

// A new file, closed when it dies.
class NewFile {
 public:
  explicit NewFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~NewFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
  }

 private:
  int fd_;
};

Result<void> fetch_into(const NewFile& file, const DocumentFacts& document,
                        const PartSource& source) {
  crypto::Sha256Sum sum;
  std::int64_t size = 0;
  for (std::int64_t part = 1; part <= document.parts; ++part) {
    const std::string bytes = TRY(source(part));
    size += static_cast<std::int64_t>(bytes.size());
    if (size > document.size) break;
    sum.add(bytes_of(bytes));
    if (!file.write(bytes)) return Error{ErrorCode::Io, "the file cannot be written"};
  }
  const crypto::Sha256 found = sum.finish();
  if (size != document.size || to_hex(found) != document.sha256) {
    return Error{ErrorCode::BadKey,
                 "what came is not the document that was told (size or SHA-256): nothing is kept"};
  }
  return {};
}

}  // namespace

std::optional<DocumentFacts> document_in(const nlohmann::json& field) {
  if (!field.is_object() || !field.contains("value") || !field["value"].is_object()) return {};
  const nlohmann::json& value = field["value"];
  const auto name = need_string(value, "name");
  const auto type = need_string(value, "type");
  const auto size = need_int(value, "size");
  const auto parts = need_int(value, "parts");
  const auto sha256 = need_string(value, "sha-256");
  if (!name.ok() || !type.ok() || !size.ok() || !parts.ok() || !sha256.ok()) return {};
  if (size.value() < 0 || size.value() > kMostBytes || parts.value() < 0) return {};
  return DocumentFacts{name.value(), type.value(), size.value(), parts.value(), sha256.value()};
}

Result<void> download(const DocumentFacts& document, const PartSource& source,
                      const std::string& path) {
  const NewFile file(path);
  if (!file.is_open()) {
    return Error{errno == EEXIST ? ErrorCode::Conflict : ErrorCode::Io,
                 errno == EEXIST ? path + " is there already; name a new file"
                                 : path + " cannot be written"};
  }
  const Result<void> fetched = fetch_into(file, document, source);
  if (!fetched.ok()) ::unlink(path.c_str());
  return fetched;
}

}  // namespace vrm::shop
