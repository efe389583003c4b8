#pragma once
// A grant: which fields one brand may read, for one purpose, until when, how often.
//
//   held ──brand acknowledged──► waiting     a grant that an acceptance made is good for nothing before
//
//   (a vault that may be older than it was)  any that lives ──► suspended ──owner looked──► what it was before
//
//   waiting ──first token──► active ──clock──► expired
//      │                       │  ──count──► spent
//      ├────────revoke─────────┼──► revoked
//      ├────brand gives back───┼──► given back
//      ├──its order is over────┼──► order ended
//      └──too long without a read──► unused
//
// Only held, waiting, active, unused and revoked (with who ended it) are stored; expired and spent follow from the clock and
// the count, and that its order is over from the acceptance. A grant that ended keeps its row, which refuses, until it is erased (vault/gate/owner_erasing.cc).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/grants/terms.h"
#include "vault/store/store.h"

namespace vrm::grants {

enum class Stored { Waiting, Active, Revoked, Held, Unused };
enum class Condition {
  Waiting,
  Active,
  Expired,
  Spent,
  Revoked,
  Held,
  Unused,
  Suspended,
  GivenBack,
  OrderEnded  // told by the market's rooms, not by the grant (vault/gate/orders.h)
};

std::string_view to_string(Condition condition);
// Whether it is good for nothing from here on.
bool has_ended(Condition condition);

// What the owner typed to stand in for the value of a field, canonical (vault/profile/value.h).
struct Alias {
  std::string type;
  std::string value;
};

struct Grant {
  GrantId id;
  std::string brand;  // handle
  std::vector<std::string> fields;
  std::string purpose;  // DPV name
  Stored stored = Stored::Waiting;
  Instant made_at;
  Instant expires_at;
  std::optional<std::int64_t> max_reads;
  std::int64_t reads = 0;
  std::optional<Instant> last_read_at;
  std::int64_t retention_days =
      0;  // how long the brand said it keeps what it reads; 0: it did not say
  bool served_while_locked = false;
  bool suspended = false;  // until the owner confirms it
  std::string request;     // id of the request it answers, "" when the owner made it unasked
  std::string offer;       // id of the offer whose acceptance made it, "" for none
  std::optional<Instant> revoked_at;
  bool given_back = false;            // revoked by its brand, not by the owner
  std::optional<Instant> renewed_at;  // when its time last began anew
  std::optional<Instant> unused_at;   // when it ended because nobody read with it
  // The claim that stands in `fields` in place of a field, by that field.
  std::map<std::string, std::string> coarse;
  std::vector<std::string> once;         // of `fields`: those that are read at most once
  std::vector<std::string> once_read;    // of `once`: those that were
  std::map<std::string, Alias> aliases;  // by the field of `fields` that it stands in for
  std::string
      while_order;  // id of the offer that the owner tied it to: good while its order is open; "" for none
  std::optional<NamedTerms> terms;  // that its brand accepted

  store::RowId row{};
  store::KeyId key{};  // the brand's

  Condition condition(Instant now) const;
  // All moments from which on condition() may be another one, for this count of reads; and all counts, for any moment.
  std::vector<Instant> turning_moments() const { return {expires_at}; }
  std::vector<std::int64_t> turning_counts() const;
  // Whether a read of it may be among those to come: it is given, and not read already where that is once only.
  bool covers(std::string_view field) const;
  // The first read of it is its last.
  bool is_once(std::string_view field) const;
  // One read of these, or one that was counted taken out of the count again.
  void count_read(const std::vector<std::string>& read_fields);
  void uncount_read(const std::vector<std::string>& read_fields);
  // How long it was given for: what a renewal gives once more.
  Duration life() const { return expires_at - renewed_at.value_or(made_at); }
  // Whether it could be read with, and was not for so long: since it was made, renewed or read last.
  bool is_unused(Instant now, Duration limit) const;
};

// The record as it is sealed (docs/formats/records.md). Corrupt: not what write_grant wrote.
Bytes write_grant(const Grant& grant);
Result<Grant> read_grant(BytesView record);

}  // namespace vrm::grants
