#pragma once
// The running daemon: builds every object in order and owns them.

#include <memory>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/crypto/system_random.h"
#include "vault/daemon/config.h"
#include "vault/daemon/notifier.h"
#include "vault/daemon/way_out.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/document_watch.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/policies.h"
#include "vault/gate/vault.h"
#include "vault/http/door.h"
#include "vault/routes/brand_routes.h"
#include "vault/routes/owner_routes.h"
#include "vault/store/disk.h"

namespace vrm::daemon {

class App {
 public:
  // Opens the doors. `stop` is called, on another thread, when the owner ends the daemon.
  // Errors as gate::Vault::find and http::Door::open.
  static Result<std::unique_ptr<App>> start(const Config& config, std::function<void()> stop);
  // Closes the doors, then everything else, the last built first.
  ~App();

  // Once a second, on the main thread.
  void tick();
  void lock();

 private:
  App(const Config& config, gate::Knowledge knowledge);

  Result<void> build(const Config& config, std::function<void()> stop);
  Result<void> open_doors(const Config& config);
  void ask_mailboxes();
  void announce();
  void end_unused();
  void erase_long_ended();

  SystemClock clock_;
  crypto::SystemRandom random_;
  store::SystemDisk disk_;
  WayOut way_out_;
  const gate::Knowledge knowledge_;
  std::unique_ptr<gate::Policies> policies_;
  std::unique_ptr<gate::Vault> vault_;
  std::unique_ptr<gate::Feed> feed_;
  std::unique_ptr<gate::Deals> deals_;
  std::unique_ptr<Notifier> notifier_;  // null: nobody is told
  Announcements announcements_;
  const words::Language language_;
  std::unique_ptr<gate::OwnerDesk> owner_desk_;
  std::unique_ptr<gate::BrandDesk> brand_desk_;
  std::unique_ptr<gate::DocumentWatch> document_watch_;
  std::unique_ptr<routes::OwnerRoutes> owner_routes_;
  std::unique_ptr<routes::BrandRoutes> brand_routes_;
  std::unique_ptr<http::Door> owner_door_;
  std::unique_ptr<http::Door> brand_door_;
  std::unique_ptr<outbound::Mailboxes> mailboxes_;
  std::vector<gate::BrandDesk::MailboxOf> asked_;  // those that mailboxes_ was given last
  int ticks_ = 0;
};

}  // namespace vrm::daemon
