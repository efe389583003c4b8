#pragma once
// What the owner's programs can call (docs/api/owner.md), given an OwnerDesk and nothing else.
//
// Calls that take long (deriving a key, reaching a brand, a large import) run on a thread of their own, one after
// another, so that taking a grant back never waits behind them.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "vault/gate/owner_desk.h"
#include "vault/routes/request.h"

namespace vrm::routes {

class OwnerRoutes final : public Handler {
 public:
  // `stop` is called when the owner ends the daemon; the answer is sent first.
  OwnerRoutes(gate::OwnerDesk& desk, std::function<void()> stop);
  ~OwnerRoutes() override;
  OwnerRoutes(const OwnerRoutes&) = delete;
  OwnerRoutes& operator=(const OwnerRoutes&) = delete;

  std::size_t body_limit(std::string_view method, std::string_view path) const override;
  void handle(Request request, std::shared_ptr<Reply> reply) override;

 private:
  struct Call;
  using Document = Result<nlohmann::json>;

  Document answer_for(Call& call);
  Document vault_call(Call& call);
  Document key_call(Call& call);
  Document backup_call(Call& call);
  Document rekey_call(Call& call);
  Document field_call(const Call& call);
  Document import_call(const Call& call);
  Document upload_call(const Call& call);
  Document document_call(const Call& call);
  std::optional<Answer> part_of_document(const Call& call);
  Document brand_call(const Call& call);
  Document why_call(const Call& call);
  Document request_call(const Call& call);
  Document rule_call(const Call& call);
  Document policy_call(const Call& call);
  Document terms_call(const Call& call);
  Document grant_call(const Call& call);
  Document intent_call(const Call& call);
  Document offer_call(const Call& call);
  Document log_call(const Call& call);
  void follow(const Call& call, const std::shared_ptr<Reply>& reply);

  void run_slow();

  gate::OwnerDesk& desk_;
  const std::function<void()> stop_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> slow_;
  bool ending_ = false;
  std::thread slow_thread_;
};

}  // namespace vrm::routes
