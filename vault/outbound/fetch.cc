#include "vault/outbound/fetch.h"

#include <curl/curl.h>

#include <algorithm>

#include "vault/base/check.h"
#include "vault/outbound/call.h"

namespace vrm::outbound {

Fetcher::Fetcher(FetchOptions options, Resolver& resolver, const Clock& clock)
    : options_(std::move(options)), resolver_(resolver), clock_(clock) {
  VRM_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

Fetcher::~Fetcher() {
  stop();
  curl_global_cleanup();
}

Result<Fetched> Fetcher::get(const std::string& url) {
  return fetch({.method = Method::Get, .url = url, .content_type = {}, .body = {}});
}

Result<Fetched> Fetcher::post(const std::string& url, const std::string& content_type,
                              std::string_view body) {
  return fetch({.method = Method::Post,
                .url = url,
                .content_type = content_type,
                .body = std::string(body)});
}

void Fetcher::stop() {
  stopped_.store(true);
  const std::lock_guard lock(mutex_);
  for (void* multi : running_) (void)curl_multi_wakeup(multi);
}

Duration Fetcher::left(Duration until) const {
  return std::max(until - clock_.ticks(), Duration(0));
}

Result<Fetched> Fetcher::fetch(Outgoing outgoing) {
  const Duration begun = clock_.ticks();
  const auto call = TRY(Call::open(std::move(outgoing), options_));
  const Duration until = begun + call->total();
  if (call->needs_addresses()) {
    auto found = TRY(resolver_.resolve(call->host(), left(until)));
    TRY(call->admit(std::move(found)));
  }
  return run(*call, until);
}

Result<Fetched> Fetcher::run(Call& call, Duration until) {
  CURL* const easy = call.prepare(Reuse::Never);
  const Multi multi(curl_multi_init());
  VRM_CHECK(multi != nullptr);
  {
    const std::lock_guard lock(mutex_);
    running_.push_back(multi.get());
  }
  VRM_CHECK(curl_multi_add_handle(multi.get(), easy) == CURLM_OK);
  int busy = 1;
  std::optional<CURLcode> ended;
  while (!stopped_.load() && left(until) > Duration(0)) {
    if (curl_multi_perform(multi.get(), &busy) != CURLM_OK) break;
    if (busy == 0) {
      int queued = 0;
      const CURLMsg* message = curl_multi_info_read(multi.get(), &queued);
      if (message != nullptr && message->msg == CURLMSG_DONE) ended = message->data.result;
      break;
    }
    (void)curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(left(until).count()), nullptr);
  }
  {
    const std::lock_guard lock(mutex_);
    running_.erase(std::find(running_.begin(), running_.end(), multi.get()));
  }
  (void)curl_multi_remove_handle(multi.get(), easy);
  if (ended) return call.answer(*ended);
  if (stopped_.load()) return refusal(ErrorCode::Unavailable, "outbound.stopped");
  return refusal(ErrorCode::Unavailable, "outbound.too_slow", {{"host", call.host()}});
}

}  // namespace vrm::outbound
