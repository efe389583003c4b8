#pragma once
// The gate's way out to brands, over vault/outbound: fetching, posting, and delivering with patience.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vault/brands/web.h"
#include "vault/outbound/calls.h"
#include "vault/outbound/deliveries.h"
#include "vault/outbound/fetch.h"
#include "vault/outbound/mailbox.h"
#include "vault/outbound/resolver.h"

namespace vrm::daemon {

class WayOut final : public brands::Web, private outbound::DeliveryLog {
 public:
  WayOut(bool allow_loopback, const Clock& clock);
  ~WayOut() override;

  Result<brands::Page> get(const std::string& url) override;
  Result<brands::Page> post(const std::string& url, const std::string& content_type,
                            const std::string& body) override;
  void deliver(std::vector<brands::Message> messages) override;
  void cancel(const std::string& id) override;
  void listen(brands::Listener* listener) override;

  // Brands' mailboxes, whose requests go to `handler`: none until some are set. End them before this is stopped.
  std::unique_ptr<outbound::Mailboxes> open_mailboxes(routes::Handler& handler);

  // Ends what is under way; nothing is sent afterwards.
  void stop();

 private:
  void moved(const outbound::Delivery& delivery, outbound::DeliveryState state, const Error* reason,
             const outbound::Fetched* answer) override;

  void tell(const brands::Moved& moved);

  const Clock& clock_;
  const outbound::FetchOptions options_;
  outbound::SystemResolver resolver_;
  outbound::Fetcher fetcher_;
  outbound::WebCalls calls_;
  std::mutex mutex_;  // held while the listener hears
  brands::Listener* listener_ = nullptr;
  outbound::Deliveries deliveries_;
};

}  // namespace vrm::daemon
