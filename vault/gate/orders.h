#pragma once
// The orders that grants hang on: a grant that an acceptance made, and one that the owner tied to an accepted offer, is good
// only while that order is open. An order is open from the acceptance on, until it is cancelled or its record is erased.

#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/gate/vault.h"
#include "vault/grants/grant.h"

namespace vrm::gate {

// True of a grant that hangs on no order.
bool is_order_open(const Rooms& rooms, const grants::Grant& grant);

// How a grant stands, its order included.
grants::Condition condition_of(const Rooms& rooms, const grants::Grant& grant, Instant now);

// Within a job: Denied when the order of the grant of this id is over. A grant that is not there is another's to refuse.
Result<void> check_order(const Rooms& rooms, std::string_view grant);

}  // namespace vrm::gate
