#include "tests/bench/raw_posts.h"

#include <curl/curl.h>

#include <memory>

namespace vrm::bench {
namespace {

struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

std::size_t drop_body(char*, std::size_t one, std::size_t count, void*) noexcept {
  return one * count;
}

// Owned by the multi handle's loop until it has ended.
CURL* begin(CURLM* multi, const RawPost& post, curl_slist* headers) {
  CURL* const easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &drop_body);
  curl_multi_add_handle(multi, easy);
  return easy;
}

struct Ends {
  std::size_t ended = 0;
  std::string wrong;
};

void take_ends(CURLM* multi, Ends& ends) {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode result = message->data.result;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status < 200 || status > 299) {
      ends.wrong = std::string(curl_easy_strerror(result)) + ", status " + std::to_string(status);
    }
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    ++ends.ended;
  }
}

}  // namespace

Result<void> post_raw(const std::vector<RawPost>& posts, std::size_t at_once) {
  if (posts.empty()) return {};
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Error{ErrorCode::Unavailable, "libcurl does not start"};
  }
  Ends ends;
  {
    const List headers(
        curl_slist_append(nullptr, ("Content-Type: " + posts.front().content_type).c_str()));
    const Multi multi(curl_multi_init());
    std::size_t begun = 0;
    while (ends.ended < posts.size()) {
      while (begun < posts.size() && begun - ends.ended < at_once) {
        (void)begin(multi.get(), posts[begun++], headers.get());
      }
      int busy = 0;
      if (curl_multi_perform(multi.get(), &busy) != CURLM_OK) break;
      const std::size_t before = ends.ended;
      take_ends(multi.get(), ends);
      if (ends.ended == before) (void)curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
    }
  }
  curl_global_cleanup();
  if (ends.ended == posts.size() && ends.wrong.empty()) return {};
  return Error{ErrorCode::Unavailable, "a raw post was not taken: " + ends.wrong};
}

Result<double> time_raw(ManySites& sites, const std::vector<RawPost>& posts, std::size_t at_once) {
  constexpr Duration kRawPatience = std::chrono::seconds(60);
  sites.forget_posted();
  const Moment from = Moment::clock::now();
  TRY(post_raw(posts, at_once));
  const Moment last = TRY(sites.wait_posted(posts.size(), kRawPatience));
  return milliseconds(from, last);
}

}  // namespace vrm::bench
