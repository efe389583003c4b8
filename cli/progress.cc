#include "cli/progress.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/document.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

constexpr Duration kSilence = std::chrono::seconds(1);
constexpr Duration kPause = std::chrono::seconds(2);

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSentences = {{
    {"backup", "progress.backup"},
    {"rekey", "progress.rekey"},
    {"restore", "progress.restore"},
    {"verify", "progress.verify"},
}};

}  // namespace

ProgressWatch::ProgressWatch(Session& session) : session_(session), thread_([this] { watch(); }) {}

ProgressWatch::~ProgressWatch() {
  {
    const std::lock_guard hold(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool ProgressWatch::ends_within(Duration time) {
  std::unique_lock hold(mutex_);
  return changed_.wait_for(hold, time, [this] { return ending_; });
}

void ProgressWatch::watch() {
  if (ends_within(kSilence)) return;
  do tell();
  while (!ends_within(kPause));
}

void ProgressWatch::tell() {
  const auto answer = session_.send_if_running({"GET", std::string(api::kProgress)});
  if (!answer.ok()) return;  // the call itself tells what is wrong
  const std::int64_t all = number_at(answer.value(), "all");
  if (all <= 0) return;
  const std::int64_t percent = number_at(answer.value(), "done") * 100 / all;
  for (const auto& [doing, key] : kSentences) {
    if (text_at(answer.value(), "doing") != doing || percent == told_) continue;
    session_.screen().note(key, {{"percent", std::to_string(percent)}});
    told_ = percent;
  }
}

}  // namespace vrm::cli
