#include "vault/gate/uploads.h"

#include <chrono>

#include "vault/base/ids.h"

namespace vrm::gate {

namespace {

constexpr std::size_t kMostUploads = 4;
constexpr Duration kPatience = std::chrono::minutes(5);

Error no_upload() {
  return refusal(ErrorCode::NotFound, "document.no_upload");
}

}  // namespace

Result<std::string> Uploads::add(UploadPtr upload, Duration now, Random& random) {
  drop_stale(now);
  std::string id = new_id(random, "up");
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostUploads)
    return refusal(ErrorCode::Conflict, "document.too_many",
                   {{"most", std::to_string(kMostUploads)}});
  waiting_.insert_or_assign(id, Waiting{std::move(upload), now});
  return id;
}

Result<UploadPtr> Uploads::find(std::string_view id, Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return no_upload();
  found->second.touched = now;
  return found->second.upload;
}

Result<UploadPtr> Uploads::take(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return no_upload();
  UploadPtr upload = std::move(found->second.upload);
  waiting_.erase(found);
  return upload;
}

void Uploads::drop_stale(Duration now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_,
                [now](const auto& each) { return now - each.second.touched >= kPatience; });
}

void Uploads::clear() {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
}

}  // namespace vrm::gate
