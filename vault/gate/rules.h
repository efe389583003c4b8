#pragma once
// The vault's own question to the policies: may this brand read this field, for this purpose, under this grant, now?
//
// Cedar answers by policies/default and the owner's rules; on top of it stands the gate's rule: a policy that errs
// means no, whichever policy it is. Of what a brand sends, only the grant's id, the field's name and the purpose
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

class Rules {
 public:
  // The policies that are linked in. Corrupt: the build's own policies do not parse.
  static Result<Rules> load(const profile::Catalogue& catalogue, const grants::Purposes& purposes);
  // Other policies in their place, for tests of policies. Malformed: they do not parse.
  static Result<Rules> parse(const std::vector<std::string>& policies,
                             const profile::Catalogue& catalogue, const grants::Purposes& purposes);

  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;
  ~Rules();

  Decision decide(const Question& question) const;

 private:
  struct Inside;
  explicit Rules(std::unique_ptr<const Inside> inside);
  std::unique_ptr<const Inside> inside_;
};

}  // namespace vrm::gate
