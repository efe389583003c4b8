#include "vault/market/states.h"

#include "vault/base/check.h"

namespace vrm::market {

namespace {

template <typename State, typename Event>
struct Arrow {
  State from;
  Event event;
  State to;
};

using I = IntentState;
constexpr Arrow<IntentState, IntentEvent> kIntentArrows[] = {
    {I::Open, IntentEvent::Accept, I::Accepting},
    {I::Open, IntentEvent::Cancel, I::Cancelled},
    {I::Open, IntentEvent::TimePasses, I::Closed},
    {I::Closed, IntentEvent::Accept, I::Accepting},
    {I::Accepting, IntentEvent::Acknowledge, I::Accepted},
    {I::Accepting, IntentEvent::AcceptanceFails, I::Open},
};

using O = OfferState;
constexpr Arrow<OfferState, OfferEvent> kOfferArrows[] = {
    {O::Live, OfferEvent::Revise, O::Live},
    {O::Live, OfferEvent::Withdraw, O::Withdrawn},
    {O::Live, OfferEvent::TimePasses, O::Expired},
    {O::Live, OfferEvent::Decline, O::Declined},
    {O::Live, OfferEvent::Accept, O::Accepted},
    {O::Live, OfferEvent::IntentEnds, O::Closed},
    {O::Accepted, OfferEvent::AcceptanceFails, O::Live},
};

using A = AcceptanceState;
constexpr Arrow<AcceptanceState, AcceptanceEvent> kAcceptanceArrows[] = {
    {A::Pending, AcceptanceEvent::Acknowledge, A::Acknowledged},
    {A::Pending, AcceptanceEvent::Refuse, A::Cancelled},
    {A::Pending, AcceptanceEvent::TimePasses, A::Cancelled},
};

template <typename State, typename Event, std::size_t N>
constexpr std::optional<State> follow(const Arrow<State, Event> (&arrows)[N], State state,
                                      Event event) {
  for (const auto& arrow : arrows)
    if (arrow.from == state && arrow.event == event) return arrow.to;
  return std::nullopt;
}

}  // namespace

std::optional<IntentState> next(IntentState state, IntentEvent event) {
  return follow(kIntentArrows, state, event);
}

std::optional<OfferState> next(OfferState state, OfferEvent event) {
  return follow(kOfferArrows, state, event);
}

std::optional<AcceptanceState> next(AcceptanceState state, AcceptanceEvent event) {
  return follow(kAcceptanceArrows, state, event);
}

std::string_view to_string(IntentState state) {
  switch (state) {
    case IntentState::Open:
      return "open";
    case IntentState::Accepting:
      return "accepting";
    case IntentState::Accepted:
      return "accepted";
    case IntentState::Closed:
      return "closed";
    case IntentState::Cancelled:
      return "cancelled";
  }
  VRM_CHECK(false);
  return {};
}

std::string_view to_string(OfferState state) {
  switch (state) {
    case OfferState::Live:
      return "live";
    case OfferState::Withdrawn:
      return "withdrawn";
    case OfferState::Expired:
      return "expired";
    case OfferState::Declined:
      return "declined";
    case OfferState::Accepted:
      return "accepted";
    case OfferState::Closed:
      return "closed";
  }
  VRM_CHECK(false);
  return {};
}

std::string_view to_string(AcceptanceState state) {
  switch (state) {
    case AcceptanceState::Pending:
      return "pending";
    case AcceptanceState::Acknowledged:
      return "acknowledged";
    case AcceptanceState::Cancelled:
      return "cancelled";
  }
  VRM_CHECK(false);
  return {};
}

}  // namespace vrm::market
