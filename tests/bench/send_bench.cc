#include "tests/bench/send_bench.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "tests/bench/latency.h"
#include "tests/bench/many_sites.h"
#include "tests/bench/raw_posts.h"
#include "vault/base/clock.h"
#include "vault/outbound/calls.h"
#include "vault/outbound/deliveries.h"

namespace vrm::bench {
namespace {

constexpr Duration kSendPatience = std::chrono::seconds(60);
constexpr std::size_t kBodyBytes = 1800;  // of an intent's JWS, about

class Silence final : public outbound::DeliveryLog {
 public:
  void moved(const outbound::Delivery&, outbound::DeliveryState, const Error*,
             const outbound::Fetched*) override {}
};

std::vector<RawPost> posts_to(const std::string& base, int brands) {
  std::vector<RawPost> posts;
  for (int i = 0; i < brands; ++i) {
    const std::string n = std::to_string(i);
    std::string body = n + ".";
    body.resize(kBodyBytes, 'x');
    posts.push_back({base + "/b" + n + "/intents", "application/jwt", std::move(body)});
  }
  return posts;
}

Result<double> time_ours(ManySites& sites, const std::vector<RawPost>& posts) {
  sites.forget_posted();
  const SystemClock clock;
  outbound::SystemResolver resolver;
  outbound::FetchOptions options;
  options.urls.allow_loopback = true;
  outbound::WebCalls calls(options, resolver, clock);
  Silence log;
  outbound::Deliveries deliveries(calls, log, clock);
  const Moment from = Moment::clock::now();
  std::vector<outbound::Delivery> messages;
  messages.reserve(posts.size());
  for (const auto& post : posts) {
    messages.push_back(
        {.id = post.url, .url = post.url, .content_type = post.content_type, .body = post.body});
  }
  const std::size_t refused = deliveries.add_all(std::move(messages));
  if (refused > 0) return Error{ErrorCode::Unavailable, "the sender takes no more"};
  const Moment last = TRY(sites.wait_posted(posts.size(), kSendPatience));
  return milliseconds(from, last);
}

}  // namespace

Result<void> run_send_bench(const SendBenchPlan& plan) {
  const auto sites = TRY(ManySites::open());
  std::printf("  brands  raw (8)  raw (64)    ours    ratio\n");
  for (const int brands : plan.brands) {
    const auto posts = posts_to(sites->base(), brands);
    std::vector<double> narrow, wide, ours;
    for (int round = 0; round < plan.rounds; ++round) {
      narrow.push_back(TRY(time_raw(*sites, posts, 8)));
      ours.push_back(TRY(time_ours(*sites, posts)));
      wide.push_back(TRY(time_raw(*sites, posts, 64)));
    }
    const double raw = std::min(median(narrow), median(wide));
    std::printf("%8d %6.1f ms %6.1f ms %6.1f ms %6.2f\n", brands, median(narrow), median(wide),
                median(ours), median(ours) / raw);
  }
  return {};
}

}  // namespace vrm::bench
