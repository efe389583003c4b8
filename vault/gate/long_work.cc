#include "vault/gate/long_work.h"

#include <nlohmann/json.hpp>

namespace vrm::gate {

LongWork::Turn::Turn(LongWork& work, std::string_view what) : work_(work) {
  work_.set(std::string(what), 0, 0);
}

LongWork::Turn::~Turn() {
  work_.set("", 0, 0);
}

store::Progress LongWork::Turn::progress() {
  return [this](std::uint64_t done, std::uint64_t all) {
    const std::lock_guard hold(work_.mutex_);
    work_.done_ = done;
    work_.all_ = all;
  };
}

void LongWork::set(std::string what, std::uint64_t done, std::uint64_t all) {
  const std::lock_guard hold(mutex_);
  what_ = std::move(what);
  done_ = done;
  all_ = all;
}

nlohmann::json LongWork::document() const {
  const std::lock_guard hold(mutex_);
  nlohmann::json document = {
      {"schema", "vrm.progress/1"}, {"doing", nullptr}, {"done", done_}, {"all", all_}};
  if (!what_.empty()) document["doing"] = what_;
  return document;
}

}  // namespace vrm::gate
