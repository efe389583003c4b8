#include "vault/gate/orders.h"

namespace vrm::gate {

bool is_order_open(const Rooms& rooms, const grants::Grant& grant) {
  const auto is_open = [&](const std::string& offer) {
    return offer.empty() || rooms.acceptances.has_open(offer, grant.brand);
  };
  return is_open(grant.offer) && is_open(grant.while_order);
}

grants::Condition condition_of(const Rooms& rooms, const grants::Grant& grant, Instant now) {
  const auto condition = grant.condition(now);
  if (grants::has_ended(condition) || is_order_open(rooms, grant)) return condition;
  return grants::Condition::OrderEnded;
}

Result<void> check_order(const Rooms& rooms, std::string_view id) {
  const auto grant = rooms.grants.find(id);
  if (grant == nullptr || is_order_open(rooms, *grant)) return {};
  return Error{ErrorCode::Denied, "the order of grant " + grant->id.text + " is over"};
}

}  // namespace vrm::gate
