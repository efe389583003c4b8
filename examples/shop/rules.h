#pragma once
// The shop's own rules: what it asks for is checked here before a person ever sees it. A shop that
// asks for little, says why and for how long is granted more.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/result.h"

namespace vrm::shop {

// What the shop wants to know, for what, and for how long.
struct Wish {
  std::vector<std::string> needed;
  std::vector<std::string> optional;
  std::string purpose;
  std::string reason;  // the shop's own words, shown to the owner
  std::optional<std::int64_t> max_reads;
  std::int64_t retention_days = 30;
  std::int64_t expires_in_s = 14 * 24 * 60 * 60;
  std::string terms;         // that the shop accepts: an id, or its last part; "" for none
  std::string terms_digest;  // as the vault says it; VaultClient::ask fills both in
  bool signs_terms = false;

  std::vector<std::string> all() const;
};

// Malformed: nothing needed, more than 20 fields, a field twice, no purpose, no reason or one
// longer than 200 bytes, or a number that is not positive.
Result<void> check_wish(const Wish& wish);

// The member `authorization_details` (RFC 9396) as text.
std::string details_of(const Wish& wish);

}  // namespace vrm::shop
