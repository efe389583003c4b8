#include "vault/gate/feed.h"

#include <utility>

namespace vrm::gate {

namespace {

constexpr std::size_t kMostHeld = 10'000;
constexpr std::size_t kMostWaiting = 64;

}  // namespace

Feed::Feed(const Clock& clock)
    : clock_(clock), last_(static_cast<std::uint64_t>(clock.now().ms)), first_(last_) {}

Feed::~Feed() {
  end();
}

void Feed::end() {
  std::vector<Waiting> waiting;
  News none;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    none.cursor = last_;
    waiting.swap(waiting_);
  }
  for (auto& one : waiting) one.answer(none);
}

std::uint64_t Feed::cursor() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

News Feed::since(std::uint64_t after) const {
  News news{.cursor = last_};
  const std::uint64_t oldest = events_.empty() ? last_ : events_.front().number - 1;
  news.missed = after != 0 && (after < first_ || after < oldest || after > last_);
  for (const auto& event : events_)
    if (event.number > after) news.events.push_back(event);
  return news;
}

void Feed::tell(std::string kind, std::string intent, std::string offer, std::string brand) {
  std::vector<std::pair<Answer, News>> answers;
  {
    const std::lock_guard lock(mutex_);
    events_.push_back({.number = ++last_,
                       .at = clock_.now(),
                       .kind = std::move(kind),
                       .intent = std::move(intent),
                       .offer = std::move(offer),
                       .brand = std::move(brand)});
    if (events_.size() > kMostHeld) events_.pop_front();
    for (auto& waiting : waiting_)
      answers.emplace_back(std::move(waiting.answer), since(waiting.after));
    waiting_.clear();
  }
  for (auto& [answer, news] : answers) answer(std::move(news));
}

void Feed::follow(std::uint64_t after, Duration wait, Answer answer) {
  News news;
  {
    const std::lock_guard lock(mutex_);
    if (after == 0) after = last_;
    news = since(after);
    const bool has_something = news.missed || !news.events.empty();
    if (!has_something && !ended_ && wait > Duration(0) && waiting_.size() < kMostWaiting) {
      waiting_.push_back({after, clock_.ticks() + wait, std::move(answer)});
      return;
    }
  }
  answer(std::move(news));
}

void Feed::tick() {
  std::vector<std::pair<Answer, News>> answers;
  {
    const std::lock_guard lock(mutex_);
    const Duration now = clock_.ticks();
    std::erase_if(waiting_, [&](Waiting& waiting) {
      if (waiting.until > now) return false;
      answers.emplace_back(std::move(waiting.answer), since(waiting.after));
      return true;
    });
  }
  for (auto& [answer, news] : answers) answer(std::move(news));
}

}  // namespace vrm::gate
