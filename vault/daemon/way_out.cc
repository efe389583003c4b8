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

brands::Step step_of(outbound::DeliveryState state) {
  switch (state) {
    case outbound::DeliveryState::Sent:
    case outbound::DeliveryState::Acked:
      return brands::Step::Sent;
    case outbound::DeliveryState::Retry:
      return brands::Step::Retrying;
    case outbound::DeliveryState::Dead:
      return brands::Step::Dead;
    case outbound::DeliveryState::Withdrawn:
      return brands::Step::Withdrawn;
  }
  return brands::Step::Dead;
}

}  // namespace

WayOut::WayOut(bool allow_loopback, const Clock& clock)
    : clock_(clock),
      options_(fetch_options(allow_loopback)),
      fetcher_(options_, resolver_, clock),
      calls_(options_, resolver_, clock),
      deliveries_(calls_, *this, clock) {}

WayOut::~WayOut() {
  stop();
}

std::unique_ptr<outbound::Mailboxes> WayOut::open_mailboxes(routes::Handler& handler) {
  outbound::MailboxOptions options;
  options.tell = [](const std::string& line) {
    static_cast<void>(std::fprintf(stderr, "vrmd: %s\n", line.c_str()));
  };
  auto calls = std::make_unique<outbound::WebCalls>(options_, resolver_, clock_);
  return std::make_unique<outbound::Mailboxes>(std::move(calls), handler, clock_,
                                               std::move(options));
}

void WayOut::stop() {
  resolver_.stop();
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

void WayOut::deliver(std::vector<brands::Message> messages) {
  std::vector<outbound::Delivery> deliveries;
  deliveries.reserve(messages.size());
  for (auto& one : messages) {
    deliveries.push_back({.id = std::move(one.id),
                          .url = std::move(one.url),
                          .content_type = std::move(one.content_type),
                          .body = std::move(one.body),
                          .attempts = one.attempts,
                          .due = one.due});
  }
  const std::size_t refused = deliveries_.add_all(std::move(deliveries));
  if (refused > 0)
    static_cast<void>(
        std::fprintf(stderr, "vrmd: %zu messages to brands were not queued\n", refused));
}

void WayOut::cancel(const std::string& id) {
  deliveries_.cancel(id);
}

void WayOut::listen(brands::Listener* listener) {
  const std::lock_guard lock(mutex_);
  listener_ = listener;
}

void WayOut::tell(const brands::Moved& moved) {
  if (moved.step == brands::Step::Dead)
    static_cast<void>(std::fprintf(stderr, "vrmd: a message to a brand was given up\n"));
  const std::lock_guard lock(mutex_);
  if (listener_ != nullptr) listener_->moved(moved);
}

void WayOut::moved(const outbound::Delivery& delivery, outbound::DeliveryState state, const Error*,
                   const outbound::Fetched* answer) {
  if (state == outbound::DeliveryState::Sent) return;
  brands::Moved moved{.id = delivery.id,
                      .step = step_of(state),
                      .attempts = delivery.attempts,
                      .next = delivery.due,
                      .status = 0,
                      .content_type = {},
                      .body = {}};
  if (answer != nullptr) {
    moved.status = answer->status;
    moved.content_type = answer->content_type;
    moved.body = answer->body;
  }
  tell(moved);
}

}  // namespace vrm::daemon
