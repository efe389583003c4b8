#pragma once
// What brands can call (docs/api/brand.md), given a BrandDesk and nothing else.

#include <map>
#include <string>
#include <vector>

#include "vault/gate/brand_desk.h"
#include "vault/routes/request.h"

namespace vrm::routes {

// What a caller has to show.
enum class Shows { Nothing, Assertion, AssertionAndProof, TokenAndProof };
// What a call brings besides its path.
enum class Takes { Nothing, Query, Form, Json, Jwt };

// One call of the brands' API. The names in braces are {vid}, {iid} and {oid} (the wire's names of an issuer, an intent and
// an offer), {grant_id} (a grant's id), {field} (a field's name) and {n} (a number from 1 on); a path whose parts are not such
// is unknown.
struct BrandCall {
  std::string_view method;
  std::string_view path;  // as it stands behind the base, "/v/{vid}/token"
  Shows shows;
  Takes takes;
};

class BrandRoutes final : public Handler {
 public:
  // `base` is the configured public address; what a request says of itself is not used. Calls that come by a brand's
  // mailbox are for the address of that mailbox.
  BrandRoutes(gate::BrandDesk& desk, std::string base) : desk_(desk), base_(std::move(base)) {}

  std::size_t body_limit(std::string_view method, std::string_view path) const override;
  void handle(Request request, std::shared_ptr<Reply> reply) override;
  void turn_ended() override { desk_.flush(); }

  // Every call there is; what is not in it is unknown.
  static std::vector<BrandCall> calls();

 private:
  struct Call;
  struct Route;
  static const std::vector<Route>& routes();
  static const Route* find(Call& call);

  void server_metadata(const Call& call);
  void resource_metadata(const Call& call);
  void keys(const Call& call);
  void ask(const Call& call);
  void token(const Call& call);
  void revoke(const Call& call);
  void introspect(const Call& call);
  void show_grant(const Call& call);
  void give_back(const Call& call);
  void read(const Call& call);
  void query(const Call& call);
  void read_part(const Call& call);
  void show_intent(const Call& call);
  void put_offer(const Call& call);
  void withdraw_offer(const Call& call);
  void pass_intent(const Call& call);
  void acknowledge(const Call& call);

  // The form of a call that takes one; nothing when the call was refused for want of it.
  std::optional<gate::Form> form(const Call& call);
  // What a call about an intent brings; nothing when the call was refused for want of it.
  struct Offered;
  std::optional<Offered> offered(const Call& call);
  struct Shown {
    std::string token;
    gate::Proved proved;
  };
  std::optional<Shown> shown(const Call& call);
  // Reads what `wanted` names of the call's grant.
  void read(const Call& call, const Shown& held, std::vector<std::string> fields,
            std::string purpose);
  std::optional<Shown> shown_alone(const Call& call);
  // The configured address of an issuer, the vault's own or a mailbox's.
  std::string base_for(const std::string& vid) const;
  std::string url_of(const Call& call) const;
  // What a good answer is besides its body; one without a body has no type.
  struct Good {
    int status = 200;
    std::string_view type = "application/json";
  };
  void send(const Call& call, const gate::Outcome<std::string>& outcome) const;
  Answer answer(const std::string& vid, bool is_resource, const gate::Outcome<std::string>& outcome,
                const Good& good) const;
  std::string challenge(const std::string& vid, gate::BrandError error) const;
  gate::Later<std::string> later(const Call& call) const;
  gate::Later<std::string> later(const Call& call, const Good& good) const;
  void refuse(const Call& call, gate::BrandError error, std::string description);

  gate::BrandDesk& desk_;
  const std::string base_;
};

}  // namespace vrm::routes
