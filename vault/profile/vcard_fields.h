#pragma once
// What the properties of a vCard mean in this vault's names.

#include "vault/profile/plan_builder.h"
#include "vault/profile/vcard.h"

namespace vrm::profile {

// Offers every field the card has, the preferred e-mail, number and address first; says what is not
// kept.
void offer_card(const Vcard& card, PlanBuilder& plan);

}  // namespace vrm::profile
