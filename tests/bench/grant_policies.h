#pragma once
// The same grants as policies: one permit for each, with what a request needs of entities, for our engine and for the reference.

#include <string>
#include <vector>

#include "policies/cedar/authorizer.h"
#include "vault/base/result.h"

namespace vrm::bench {

// Grants of one brand; another brand has the next as many.
inline constexpr int kGrantsOfABrand = 10;

// Eight policies that are for everybody, then one permit for each grant: this brand, this category, this purpose, until then.
std::string grant_policies(int grants);

// Of grant number `grant`: its brand reads a field in its category, which is in another one, for a purpose under its own.
// Allowed.
cedar::Request grant_request(int grant);
// What that request needs: its brand, field, categories and purposes.
std::vector<cedar::Entity> grant_entities(int grant);

}  // namespace vrm::bench
