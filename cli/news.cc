#include "cli/news.h"

#include <poll.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr Duration kLongestWait = std::chrono::seconds(20);
constexpr Duration kNewsPatience = std::chrono::minutes(1);
constexpr int kNewsPauseMs = 250;

std::string events_path(std::int64_t after) {
  return api::with_query(std::string(api::kEvents), "after", std::to_string(after));
}

// The daemon is away, or was started again and waits to be unlocked.
bool may_pass(const Error& error) {
  return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Locked;
}

}  // namespace

News::News(Session& session, std::string intent, std::int64_t cursor, std::function<void()> away)
    : session_(session), intent_(std::move(intent)), cursor_(cursor), away_(std::move(away)) {}

Result<std::int64_t> News::cursor_now(Session& session) {
  const auto news = TRY(session.get(events_path(0)));
  return number_at(news, "cursor");
}

Result<bool> News::wait(Duration most) {
  // An answer must be able to come before the person's own time for a call is over.
  const auto longest = std::min({most, kLongestWait, session_.settings().timeout * 2 / 3});
  const auto seconds = std::max<std::int64_t>(1, longest.count() / 1000);
  auto path = api::with_query(events_path(cursor_), "wait", std::to_string(seconds));
  if (!intent_.empty()) path = api::with_query(path, "intent", intent_);
  was_away_ = false;
  const auto news = TRY(call({"GET", path}));
  if (has_at(news, "cursor")) cursor_ = number_at(news, "cursor");
  return was_away_ || flag_at(news, "missed") || !list_at(news, "items").empty();
}

Result<json> News::call(const ApiCall& call) {
  const auto began = clock_.ticks();
  for (bool told = false;; told = true) {
    auto answer = session_.send_if_running(call);
    if (answer.ok() || !may_pass(answer.error()) || clock_.ticks() - began > kNewsPatience)
      return answer;
    was_away_ = true;
    if (!told) away_();
    poll(nullptr, 0, kNewsPauseMs);
  }
}

}  // namespace vrm::cli
