#pragma once
// From a brand's offer to the owner's table: every brand of a crowd answers one intent, and the table
// must hold every offer in its place.

#include <string>

#include "tests/bench/crowd.h"
#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct OfferTimes {
  double tokens_ms = 0;  // until every brand has its token
  double offers_ms = 0;  // from the first PUT to the last answer
  double last_to_watch_ms =
      0;  // of that storm: from the last PUT to the whole table, by the events
  double revision_to_event_ms = 0;  // on a quiet vault: from one PUT to the event
  double revision_to_watch_ms = 0;  // … to the table that a watcher reads after it
  double revision_to_asked_ms = 0;  // … to the table of one who asks once the PUT is answered
  double table_ms = 0;              // one table, read and parsed, on a quiet vault
};

// The crowd has heard the intent. `revisions` are of each of the two quiet ways; medians.
// Unavailable: the table was wrong, or did not become right within a minute.
Result<OfferTimes> time_offers(Rig& rig, Crowd& crowd, const std::string& intent, int revisions);

}  // namespace vrm::bench
