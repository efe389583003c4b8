#include "cli/doc_transfer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/file.h"
#include "cli/media_type.h"
#include "cli/transfer_line.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// Syncing a hundred mebibytes may take its time.
constexpr Duration kPatience = std::chrono::minutes(10);

// What is there of `size` bytes, fewer only at the end.
Result<std::string> read_part(int fd, std::size_t size, const std::string& path) {
  std::string part(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const auto got = read(fd, part.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  part.resize(done);
  return part;
}

std::string part_path(const std::string& of, std::uint64_t part) {
  return of + "/" + std::string(api::kParts) + "/" + std::to_string(part);
}

Result<void> send_parts(Session& session, const File& from, const std::string& file,
                        const std::string& upload, std::uint64_t size) {
  TransferLine line(session.screen(), "doc.sending");
  std::uint64_t done = 0;
  for (std::uint64_t part = 1;; ++part) {
    const auto wanted = std::min<std::uint64_t>(api::kPartBytes, size - done);
    // One byte more than announced would be another file.
    auto bytes = TRY(read_part(from.fd(), wanted == 0 ? 1 : wanted, file));
    if (bytes.size() != wanted)
      return refusal(ErrorCode::Malformed, "doc.file_changed", {{"path", file}});
    if (wanted == 0) return {};
    done += wanted;
    TRY(session.send_if_running(
        {"PUT", part_path(upload, part), std::move(bytes), BodyKind::Bytes}));
    line.tell(done, size);
  }
}

}  // namespace

Result<json> send_document(Session& session, const std::string& file, const DocumentWish& wish) {
  const File from(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (from.fd() < 0) return system_error(file);
  struct stat status {};
  if (fstat(from.fd(), &status) != 0) return system_error(file);
  if (!S_ISREG(status.st_mode))
    return refusal(ErrorCode::Malformed, "doc.not_a_file", {{"path", file}});
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::string name = std::filesystem::path(file).filename().string();
  json what = {{"file", name},
               {"size", size},
               {"type", wish.type.empty() ? std::string(media_type_of(name)) : wish.type}};
  if (!wish.name.empty()) what["name"] = wish.name;
  const auto begun = TRY(session.post(std::string(api::kUploads), what));
  const auto upload = TRY(api::path_to(api::kUploads, raw_at(begun, "id")));
  const auto sent = send_parts(session, from, file, upload, size);
  if (!sent.ok()) {
    // If this cannot be told, the daemon drops it by itself.
    static_cast<void>(session.send_if_running({"DELETE", upload}).ok());
    return sent.error();
  }
  return session.send_if_running(
      {"POST", upload + "/" + std::string(api::kFinish), "", BodyKind::None, kPatience});
}

Result<void> fetch_document(Session& session, const json& document, int fd) {
  const auto path = TRY(api::path_to(api::kDocuments, raw_at(document, "name")));
  const auto size = static_cast<std::uint64_t>(number_at(document, "size"));
  const auto parts = static_cast<std::uint64_t>(number_at(document, "parts"));
  TransferLine line(session.screen(), "doc.fetching");
  std::uint64_t done = 0;
  for (std::uint64_t part = 1; part <= parts; ++part) {
    auto bytes = TRY(session.fetch(part_path(path, part)));
    done += bytes.size();
    auto written = write_all(fd, bytes);
    std::fill(bytes.begin(), bytes.end(), '\0');
    TRY(std::move(written));
    line.tell(done, size);
  }
  if (done != size) return Error{ErrorCode::Io, "the daemon's answer is not the whole document"};
  return {};
}

Result<std::string> fetch_small(Session& session, const json& document, std::size_t most) {
  if (static_cast<std::uint64_t>(number_at(document, "size")) > most)
    return refusal(ErrorCode::Malformed, "doc.no_qr");
  const auto path = TRY(api::path_to(api::kDocuments, raw_at(document, "name")));
  return session.fetch(part_path(path, 1));
}

}  // namespace vrm::cli
