#pragma once
// Short names of things, for the owner's screen: <kind>_<8 letters of Crockford's base32>, as
// gr_7F2K9QXD.
//
// They are unique in one vault and guess nothing: 40 bits are no secret. What must not be guessed
// has 160 bits and is called a token or an auth_req_id.

#include <compare>
#include <string>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm {

// Crockford's base32 (no I, L, O, U), upper case, most significant bits first; the last letter is
// zero-filled.
std::string to_base32(BytesView bytes);

// `kind` is two lower-case letters. Draws 40 random bits.
std::string new_id(Random& random, std::string_view kind);

// A name that nobody guesses and that is never drawn twice: 128 random bits in base64url, as for a `jti`.
std::string new_unguessable_name(Random& random);

// The canonical spelling of an id or of its beginning, as a person may type it: any case, I and L
// for 1, O for 0. Malformed: another kind, or a letter that no id has.
Result<std::string> id_from_typed(std::string_view kind, std::string_view typed);

// Ids of different kinds do not compare or convert.
template <typename Kind>
struct Id {
  std::string text;

  static Id make(Random& random) { return {new_id(random, Kind::kPrefix)}; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

struct GrantKind {
  static constexpr std::string_view kPrefix = "gr";
};
struct RequestKind {
  static constexpr std::string_view kPrefix = "rq";
};
struct RuleKind {
  static constexpr std::string_view kPrefix = "ru";
};
struct ImportKind {
  static constexpr std::string_view kPrefix = "im";
};
struct IntentKind {
  static constexpr std::string_view kPrefix = "in";
};
struct OfferKind {
  static constexpr std::string_view kPrefix = "of";
};
struct AcceptanceKind {
  static constexpr std::string_view kPrefix = "ac";
};
using GrantId = Id<GrantKind>;
using RequestId = Id<RequestKind>;
using RuleId = Id<RuleKind>;
using ImportId = Id<ImportKind>;
using IntentId = Id<IntentKind>;
using OfferId = Id<OfferKind>;
using AcceptanceId = Id<AcceptanceKind>;

}  // namespace vrm
