#include "vault/outbound/calls.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/outbound/call.h"

namespace vrm::outbound {

namespace {

// How long connections are kept when nothing is under way.
constexpr Duration kKeepIdle = std::chrono::seconds(5);

}  // namespace

struct WebCalls::UnderWay {
  std::unique_ptr<Call> call;
  Duration until{};
  CURL* easy = nullptr;  // once it is in the multi handle
};

struct WebCalls::Engine {
  Multi multi;
  bool warm = false;  // it may hold connections
  Duration idle_since{};
  std::map<CURL*, std::uint64_t> keys;

  // A new multi handle has no connection.
  void renew() {
    multi.reset(curl_multi_init());
    VRM_CHECK(multi != nullptr);
    warm = false;
  }
};

WebCalls::WebCalls(FetchOptions options, Resolver& resolver, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      engine_(std::make_unique<Engine>()),
      lookups_(resolver, clock, bell_) {
  VRM_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  engine_->renew();
}

WebCalls::~WebCalls() {
  while (!calls_.empty()) drop(calls_.begin()->first);
  engine_.reset();
  curl_global_cleanup();
}

void WebCalls::begin(std::uint64_t key, Outgoing outgoing) {
  VRM_CHECK(!calls_.contains(key));
  auto opened = Call::open(std::move(outgoing), options_);
  if (!opened.ok()) {
    ended_.push_back({key, std::move(opened).error()});
    return;
  }
  UnderWay one{.call = std::move(opened).value()};
  one.until = clock_.ticks() + one.call->total();
  const auto at = calls_.emplace(key, std::move(one)).first;
  if (at->second.call->needs_addresses()) {
    lookups_.ask(key, at->second.call->host(), at->second.until);
  } else {
    run(*at);
  }
}

void WebCalls::run(Map::value_type& at) {
  UnderWay& one = at.second;
  one.easy = one.call->prepare(Reuse::SameOrigin);
  engine_->keys.emplace(one.easy, at.first);
  engine_->warm = true;
  VRM_CHECK(curl_multi_add_handle(engine_->multi.get(), one.easy) == CURLM_OK);
}

void WebCalls::drop(std::uint64_t key) {
  const auto at = calls_.find(key);
  if (at != calls_.end()) forget(at);
}

void WebCalls::forget(Map::iterator at) {
  if (at->second.easy != nullptr) {
    (void)curl_multi_remove_handle(engine_->multi.get(), at->second.easy);
    engine_->keys.erase(at->second.easy);
  }
  calls_.erase(at);
  if (calls_.empty()) engine_->idle_since = clock_.ticks();
}

void WebCalls::end(Map::iterator at, Result<Fetched> answer) {
  ended_.push_back({at->first, std::move(answer)});
  forget(at);
}

void WebCalls::take_names() {
  for (auto& found : lookups_.take()) {
    const auto at = calls_.find(found.key);
    if (at == calls_.end()) continue;  // it was dropped, or its time is over
    if (!found.addresses.ok()) {
      end(at, std::move(found.addresses).error());
      continue;
    }
    auto admitted = at->second.call->admit(std::move(found.addresses).value());
    if (admitted.ok()) {
      run(*at);
    } else {
      end(at, std::move(admitted).error());
    }
  }
}

void WebCalls::take_answers() {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(engine_->multi.get(), &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    const auto at = calls_.find(engine_->keys.at(message->easy_handle));
    Call& call = *at->second.call;
    if (call.rewind()) {
      CURL* const easy = at->second.easy;
      (void)curl_multi_remove_handle(engine_->multi.get(), easy);
      VRM_CHECK(curl_multi_add_handle(engine_->multi.get(), easy) == CURLM_OK);
      continue;
    }
    end(at, call.answer(result));
  }
}

void WebCalls::end_late(Duration now) {
  for (auto at = calls_.begin(); at != calls_.end();) {
    const auto one = at++;
    if (one->second.until > now) continue;
    const Gaps host{{"host", one->second.call->host()}};
    end(one, refusal(ErrorCode::Unavailable, "outbound.too_slow", host));
  }
}

std::optional<Duration> WebCalls::next_deadline() const {
  std::optional<Duration> next;
  for (const auto& [key, one] : calls_) next = next ? std::min(*next, one.until) : one.until;
  if (calls_.empty() && engine_->warm) next = engine_->idle_since + kKeepIdle;
  return next;
}

std::vector<Ended> WebCalls::wait(Duration most) {
  const Duration until = clock_.ticks() + most;
  bool woken = false;
  while (true) {
    int busy = 0;
    take_names();
    VRM_CHECK(curl_multi_perform(engine_->multi.get(), &busy) == CURLM_OK);
    take_answers();
    const Duration now = clock_.ticks();
    end_late(now);
    if (calls_.empty() && engine_->warm && now >= engine_->idle_since + kKeepIdle) engine_->renew();
    if (woken || !ended_.empty() || now >= until) return std::exchange(ended_, {});
    woken = sleep(std::min(until, next_deadline().value_or(until)) - now);
  }
}

// True when somebody rang.
bool WebCalls::sleep(Duration most) {
  curl_waitfd bell{bell_.fd(), CURL_WAIT_POLLIN, 0};
  (void)curl_multi_poll(engine_->multi.get(), &bell, 1, static_cast<int>(most.count()), nullptr);
  if ((bell.revents & CURL_WAIT_POLLIN) == 0) return false;
  bell_.silence();
  return true;
}

}  // namespace vrm::outbound
