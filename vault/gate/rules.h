#pragma once
// The vault's own question to the policies: may this brand read this field, for this purpose, under this grant, now?
//
// Cedar answers by policies/default and the owner's rules; on top of it stand the gate's two: a policy that errs means no,
// whichever policy it is, and a grant opens only what it covers, however much a policy permits. Of what a brand sends, only the grant's id, the field's name and the purpose
// count; everything else here is the vault's.
//
// Immutable after load; safe from any thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/brands/brand.h"
#include "vault/grants/grant.h"
#include "vault/grants/purposes.h"
#include "vault/profile/catalogue.h"

namespace vrm::gate {

struct Question {
  const brands::Brand& brand;
  const grants::Grant* grant;  // the one whose token was shown; null: none
  std::string_view field;
  std::string_view purpose;  // DPV name
  Instant now;
};

struct Decision {
  bool allowed = false;
  std::vector<std::string> reasons;  // ids of the policies that decided
  std::vector<std::string> errors;   // ids of policies that erred; any means no
};

struct PolicyGround;  // policy_world.h

// A text of policies. One without @id is called after its file and its place in it, `quiet:1`.
struct PolicyText {
  std::string file;  // "quiet.cedar"; "" when it is linked in
  std::string text;
};

// The policies that are linked in.
std::vector<PolicyText> built_in_policies();

class Rules {
 public:
  // The policies that are linked in, and the owner's. Malformed: one does not parse, or is a template. Conflict: an id twice.
  // Whether they mean something, policy_check.h tells.
  static Result<Rules> load(const profile::Catalogue& catalogue, const grants::Purposes& purposes,
                            const std::vector<PolicyText>& own = {});
  // Other policies in their place, for tests of policies. Malformed: they do not parse.
  static Result<Rules> parse(const std::vector<std::string>& policies,
                             const profile::Catalogue& catalogue, const grants::Purposes& purposes);

  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;
  ~Rules();

  Decision decide(const Question& question) const;

  // What a policy's @reason says; "" where it has none, or there is no such policy.
  std::string reason_of(std::string_view policy_id) const;

  // For whoever asks many questions at once. It lives as long as the rules, also when they are moved.
  const PolicyGround& ground() const { return *ground_; }

 private:
  explicit Rules(std::unique_ptr<const PolicyGround> ground);
  std::unique_ptr<const PolicyGround> ground_;
};

}  // namespace vrm::gate
