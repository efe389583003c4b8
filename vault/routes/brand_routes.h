#pragma once
// What brands can call (docs/api/brand.md), given a BrandDesk and nothing else.

#include <string>

#include "vault/gate/brand_desk.h"
#include "vault/routes/request.h"

namespace vrm::routes {

class BrandRoutes final : public Handler {
 public:
  // `base` is the configured public address; what a request says of itself is not used. Calls that come by a brand's
  // mailbox are for the address of that mailbox.
  BrandRoutes(gate::BrandDesk& desk, std::string base) : desk_(desk), base_(std::move(base)) {}

  std::size_t body_limit(std::string_view method, std::string_view path) const override;
  void handle(Request request, std::shared_ptr<Reply> reply) override;
  void turn_ended() override { desk_.flush(); }

 private:
  struct Call;
  void discover(const Call& call);
  void post_form(const Call& call);
  void read(const Call& call);
  void read_part(const Call& call);
  void answer_intent(const Call& call);
  struct Shown {
    std::string token;
    gate::Proved proved;
  };
  std::optional<Shown> shown(const Call& call);
  std::string url_of(const Call& call) const;
  void send(const Call& call, const gate::Outcome<std::string>& outcome) const;
  Answer answer(const std::string& vid, bool is_resource, const gate::Outcome<std::string>& outcome,
                std::string_view type = "application/json") const;
  gate::Later<std::string> later(const Call& call,
                                 std::string_view type = "application/json") const;
  void refuse(const Call& call, gate::BrandError error, std::string description);

  gate::BrandDesk& desk_;
  const std::string base_;
};

}  // namespace vrm::routes
