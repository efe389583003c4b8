// Any text as the roster of terms, as what a brand names of it, and as signed terms, signed or not: refused, or what was
// read is of the roster and nobody's signature but the brand's was taken.

#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/crypto/system_random.h"
#include "vault/grants/terms.h"
#include "vault/jose/terms_jwt.h"

namespace {

using namespace vrm;  // tests only

constexpr Instant kNow{1'795'283'771'000};
constexpr std::string_view kAsked = R"([{"type":"vrm_data"}])";

class StillClock final : public Clock {
 public:
  Instant now() const override { return kNow; }
  Duration ticks() const override { return Duration(0); }
};

std::optional<jose::AssertionRefusal> refusal_of(std::string_view text,
                                                 const crypto::SigningKey& key) {
  static const StillClock clock;
  static crypto::SystemRandom random;
  static const jose::JwkSet keys =
      jose::JwkSet::from(jose::write_jwk_set(std::array{jose::jwk_of(key.public_key())})).value();
  jose::ReplayMemory memory(clock, random, {.total = 4, .per_share = 4});
  const jose::AssertionRules rules{
      .client_id = "https://b/c", .issuer = "https://v/v/x", .now = kNow, .started = {}};
  return jose::take_terms(text, kAsked, keys, rules, memory, "b");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::SigningKey key(crypto::Secret::copy_of(Bytes(crypto::kSigningSeedBytes, 1)));
  static const grants::Roster roster = grants::Roster::load().value();
  const std::string text = text_of({data, size});
  const auto own = grants::Roster::parse(text);
  if (own.ok())
    for (const auto& each : own.value().all())
      VRM_CHECK(each.digest == grants::digest_of(each.id, each.says_en));
  const auto json = read_json(text);
  if (json.ok() && json.value().is_object()) {
    const auto named = grants::named_terms(json.value(), roster);
    if (named.ok() && named.value()) {
      const auto* agreement = roster.find(named.value()->id);
      VRM_CHECK(agreement != nullptr && agreement->digest == named.value()->digest);
    }
  }
  VRM_CHECK(refusal_of(text, key).has_value());  // nobody can guess a signature
  const auto read = refusal_of(jose::sign_jws(key, {.typ = jose::kTermsType}, text), key);
  if (!read) VRM_CHECK(json.ok() && json.value()["authorization_details"].dump() == kAsked);
  return 0;
}
