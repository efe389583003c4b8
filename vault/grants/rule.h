#pragma once
// A decision of the owner that stands for the next time: what one brand asked for one purpose, and the answer.
//
// It answers only a request that is within the one decided on, and gives no more than was given then. Whatever goes
// beyond it is the owner's to decide. The policies are another thing (vault/gate/rules.h): no rule widens them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/grants/grant.h"
#include "vault/grants/request.h"
#include "vault/store/store.h"

namespace vrm::grants {

enum class Says { Approve, Deny };
std::string_view to_string(Says says);  // approve, deny

struct Rule {
  RuleId id;
  std::string brand;  // handle
  Says says = Says::Deny;
  std::string purpose;               // DPV name
  std::vector<std::string> decided;  // the fields that were asked for, in order, none twice
  std::int64_t asked_s = 0;          // how long the grant was to last, as asked
  std::int64_t retention_days = 0;   // as asked; 0: not said
  std::optional<std::int64_t> asked_reads;
  std::vector<std::string> gives;         // of those decided; none of a denial
  std::int64_t life_s = 0;                // how long the grant lasted that was given
  std::optional<std::int64_t> max_reads;  // that were given
  bool served_while_locked = false;
  std::string request;              // id of the request that was decided on
  std::optional<NamedTerms> terms;  // that the brand named then; never signed ones
  Instant made_at;

  store::RowId row{};
  store::KeyId key{};  // the brand's

  // Whether the request is within what was decided: the same brand and purpose, no other field. For an approval also
  // no longer time, no longer keeping and no more reads than were asked then, the same terms, and a field that was given. What was
  // not said then may not be said now where it says more, nor the other way round.
  bool covers(const AccessRequest& request) const;
  // What an approval gives to a request that it covers; the id is `id`, the brand's key that of the request.
  Grant grant_for(const AccessRequest& request, GrantId id, Instant now) const;
};

// The record as it is sealed (docs/formats/records.md). Corrupt: not what write_rule wrote.
Bytes write_rule(const Rule& rule);
Result<Rule> read_rule(BytesView record);

}  // namespace vrm::grants
