#include "vault/daemon/way_out.h"

#include <cstdio>

#include "vault/base/text.h"

namespace vrm::daemon {

namespace {

outbound::FetchOptions fetch_options(bool allow_loopback) {
  outbound::FetchOptions options;
  options.urls.allow_loopback = allow_loopback;
  return options;
}

Result<brands::Page> page_of(Result<outbound::Fetched> fetched) {
  auto answer = TRY(std::move(fetched));
  return brands::Page{answer.status, std::move(answer.content_type), std::move(answer.body)};
}

}  // namespace

WayOut::WayOut(bool allow_loopback, const Clock& clock)
    : fetcher_(fetch_options(allow_loopback), resolver_, clock),
      deliveries_(fetcher_, *this, clock) {}

WayOut::~WayOut() {
  stop();
}

void WayOut::stop() {
  fetcher_.stop();
  deliveries_.stop();
}

Result<brands::Page> WayOut::get(const std::string& url) {
  return page_of(fetcher_.get(url));
}

Result<brands::Page> WayOut::post(const std::string& url, const std::string& content_type,
                                  const std::string& body) {
  return page_of(fetcher_.post(url, content_type, body));
}

void WayOut::deliver(const std::string& url, const std::string& content_type,
                     const std::string& body) {
  const outbound::Delivery delivery{
      .id = std::to_string(++delivered_), .url = url, .content_type = content_type, .body = body};
  const auto added = deliveries_.add(delivery);
  if (!added.ok())
    static_cast<void>(std::fprintf(stderr, "vrmd: a message to a brand was not queued\n"));
}

void WayOut::moved(const outbound::Delivery&, outbound::DeliveryState state, const Error*,
                   const outbound::Fetched*) {
  if (state == outbound::DeliveryState::Dead)
    static_cast<void>(std::fprintf(stderr, "vrmd: a message to a brand was given up\n"));
}

}  // namespace vrm::daemon
