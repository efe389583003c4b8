#pragma once
// What can be said of a person without saying what it follows from: pure rules, no vault.

#include <optional>
#include <string>
#include <string_view>

#include "vault/base/time.h"
#include "vault/profile/catalogue.h"

namespace vrm::profile {

// The claim's canonical value today (in UTC), or nothing when the rule says nothing of this value.
// `source` and `where` are canonical; `where` is the country's code, "" when it is not known: then
// France is meant.
//
// Who is born on 29 February comes of age on 1 March of a year that has no such day.
std::optional<std::string> derive(const Derivation& derivation, std::string_view source,
                                  std::string_view where, Instant now);

// Whether the value stays as long as what it is made of does. An age not reached yet does not.
bool is_settled(const Derivation& derivation, std::string_view value);

struct FrenchPlace {
  std::string_view department;
  std::string_view region;
};

// By the first places of the postal code, as the post numbers them: some communes on a border have
// their neighbour's. Nothing: no French postal code, or of a place that belongs to no region
// (Saint-Pierre-et-Miquelon, Monaco).
std::optional<FrenchPlace> french_place(std::string_view postal_code);

}  // namespace vrm::profile
