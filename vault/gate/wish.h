#pragma once
// What a brand wishes to be granted: one element of authorization_details (RFC 9396) of type vrm_data.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/grants/grant.h"
#include "vault/grants/purposes.h"
#include "vault/grants/terms.h"

namespace vrm::gate {

inline constexpr std::size_t kMostFieldsInAGrant = 32;
inline constexpr std::int64_t kMostReads = 1'000'000;
inline constexpr std::int64_t kMostGrantSeconds = 366LL * 86400;

struct Wish {
  std::vector<std::string> needed;
  std::vector<std::string> optional;
  std::string purpose;  // DPV name
  std::string reason;   // made safe to print
  std::int64_t expires_in_s = 30LL * 86400;
  std::int64_t retention_days = 0;  // 0: not said
  std::optional<std::int64_t> max_reads;
  std::optional<grants::NamedTerms> terms;
};

// Malformed, in words for the brand's developer: not strict JSON, not exactly one element, another type or action, a
// member that there is not, a malformed field name, a field twice, too many of them, an unknown purpose or one that no grant may have, a number
// out of range, terms that are not of the roster or with another digest.
Result<Wish> read_wish(std::string_view authorization_details, const grants::Purposes& purposes,
                       const grants::Roster& roster);

// "a,b" as field names, each well formed and none twice, at most kMostFieldsInAGrant. Nothing: not
// that.
std::optional<std::vector<std::string>> read_field_list(std::string_view text);

// What was granted, in the same form with `expires_at`, in seconds since 1970 as `exp`, in place of `expires_in`; it goes into tokens, their answers and
// what is told of them.
std::string write_granted(const grants::Grant& grant);
// The same of an intent, for the token that opens it.
std::string write_invited(std::string_view iid);

}  // namespace vrm::gate
