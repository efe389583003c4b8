#pragma once
// The state machines of the market, as tables: every arrow that may be taken, and no other. What has no arrow is
// refused by whoever asks, as Conflict.

#include <optional>
#include <string_view>

namespace vrm::market {

enum class IntentState { Open, Accepting, Accepted, Closed, Cancelled };
enum class IntentEvent { Accept, Acknowledge, AcceptanceFails, Cancel, TimePasses };

enum class OfferState { Live, Withdrawn, Expired, Declined, Accepted, Closed };
enum class OfferEvent {
  Revise,
  Withdraw,
  TimePasses,
  Decline,
  Accept,
  AcceptanceFails,  // its acceptance was cancelled
  IntentEnds,       // another was accepted, or the owner cancelled the intent
};

enum class AcceptanceState { Pending, Acknowledged, Cancelled };
enum class AcceptanceEvent { Acknowledge, Refuse, TimePasses };

// Where the arrow leads; nothing: there is none.
std::optional<IntentState> next(IntentState state, IntentEvent event);
std::optional<OfferState> next(OfferState state, OfferEvent event);
std::optional<AcceptanceState> next(AcceptanceState state, AcceptanceEvent event);

std::string_view to_string(IntentState state);
std::string_view to_string(OfferState state);
std::string_view to_string(AcceptanceState state);

}  // namespace vrm::market
