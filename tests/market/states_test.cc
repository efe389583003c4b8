#include "vault/market/states.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <utility>

#include "vault/market/intent.h"
#include "vault/market/invitation.h"

using namespace vrm;  // tests only
using namespace vrm::market;

namespace {

constexpr IntentState kIntentStates[] = {IntentState::Open, IntentState::Accepting,
                                         IntentState::Accepted, IntentState::Closed,
                                         IntentState::Cancelled};
constexpr IntentEvent kIntentEvents[] = {IntentEvent::Accept, IntentEvent::Acknowledge,
                                         IntentEvent::AcceptanceFails, IntentEvent::Cancel,
                                         IntentEvent::TimePasses};
constexpr OfferState kOfferStates[] = {OfferState::Live,     OfferState::Withdrawn,
                                       OfferState::Expired,  OfferState::Declined,
                                       OfferState::Accepted, OfferState::Closed};
constexpr OfferEvent kOfferEvents[] = {
    OfferEvent::Revise, OfferEvent::Withdraw,        OfferEvent::TimePasses, OfferEvent::Decline,
    OfferEvent::Accept, OfferEvent::AcceptanceFails, OfferEvent::IntentEnds};
constexpr AcceptanceState kAcceptanceStates[] = {
    AcceptanceState::Pending, AcceptanceState::Acknowledged, AcceptanceState::Cancelled};
constexpr AcceptanceEvent kAcceptanceEvents[] = {
    AcceptanceEvent::Acknowledge, AcceptanceEvent::Refuse, AcceptanceEvent::TimePasses};

template <typename State, typename Event, std::size_t N, std::size_t M>
std::map<std::pair<State, Event>, State> arrows(const State (&states)[N],
                                                const Event (&events)[M]) {
  std::map<std::pair<State, Event>, State> found;
  for (const State state : states)
    for (const Event event : events)
      if (const auto to = next(state, event)) found[{state, event}] = *to;
  return found;
}

template <typename State, typename Event, std::size_t M>
bool is_terminal(State state, const Event (&events)[M]) {
  for (const Event event : events)
    if (next(state, event)) return false;
  return true;
}

}  // namespace

TEST_SUITE("market/states") {
  TEST_CASE("the intent's arrows are those of the picture, and no other") {
    const std::map<std::pair<IntentState, IntentEvent>, IntentState> picture = {
        {{IntentState::Open, IntentEvent::Accept}, IntentState::Accepting},
        {{IntentState::Open, IntentEvent::Cancel}, IntentState::Cancelled},
        {{IntentState::Open, IntentEvent::TimePasses}, IntentState::Closed},
        {{IntentState::Closed, IntentEvent::Accept}, IntentState::Accepting},
        {{IntentState::Accepting, IntentEvent::Acknowledge}, IntentState::Accepted},
        {{IntentState::Accepting, IntentEvent::AcceptanceFails}, IntentState::Open}};
    CHECK((arrows(kIntentStates, kIntentEvents) == picture));
  }

  TEST_CASE("the offer's arrows all leave a live one, but for the acceptance that fails") {
    const auto found = arrows(kOfferStates, kOfferEvents);
    CHECK(found.size() == 7);
    for (const auto& [from, to] : found) {
      const bool fails = from.second == OfferEvent::AcceptanceFails;
      CHECK(from.first == (fails ? OfferState::Accepted : OfferState::Live));
      CHECK((to == OfferState::Live) == (fails || from.second == OfferEvent::Revise));
    }
  }

  TEST_CASE("an acceptance ends once, one way or the other") {
    for (const auto event : kAcceptanceEvents) {
      CHECK(next(AcceptanceState::Pending, event) == (event == AcceptanceEvent::Acknowledge
                                                          ? AcceptanceState::Acknowledged
                                                          : AcceptanceState::Cancelled));
      CHECK_FALSE(next(AcceptanceState::Acknowledged, event));
      CHECK_FALSE(next(AcceptanceState::Cancelled, event));
    }
  }

  TEST_CASE("what is over stays over") {
    for (const auto state : {IntentState::Accepted, IntentState::Cancelled})
      CHECK(is_terminal(state, kIntentEvents));
    for (const auto state :
         {OfferState::Withdrawn, OfferState::Expired, OfferState::Declined, OfferState::Closed})
      CHECK(is_terminal(state, kOfferEvents));
    for (const auto state : {AcceptanceState::Acknowledged, AcceptanceState::Cancelled})
      CHECK(is_terminal(state, kAcceptanceEvents));
  }

  TEST_CASE("every state has a word of its own") {
    std::set<std::string_view> intents, offers, acceptances;
    for (const auto state : kIntentStates) intents.insert(to_string(state));
    for (const auto state : kOfferStates) offers.insert(to_string(state));
    for (const auto state : kAcceptanceStates) acceptances.insert(to_string(state));
    CHECK(intents.size() == std::size(kIntentStates));
    CHECK(offers.size() == std::size(kOfferStates));
    CHECK(acceptances.size() == std::size(kAcceptanceStates));
  }
}

namespace {

// One intent with three offers, moved by the tables alone, as the desks move it.
class Round {
 public:
  void accept(std::size_t offer) {
    const auto state = next(intent, IntentEvent::Accept);
    const auto taken = next(offers[offer], OfferEvent::Accept);
    if (!state || !taken) return;
    intent = *state;
    offers[offer] = *taken;
    acceptance = AcceptanceState::Pending;
    chosen = offer;
  }
  void end_acceptance(AcceptanceEvent event) {
    const auto ended = acceptance ? next(*acceptance, event) : std::nullopt;
    if (!ended) return;
    acceptance = ended;
    if (*ended == AcceptanceState::Acknowledged) {
      ++acknowledged;
      move_intent(IntentEvent::Acknowledge);
    } else {
      move_intent(IntentEvent::AcceptanceFails);
      move_offer(chosen, OfferEvent::AcceptanceFails);
    }
  }
  void cancel() {
    if (!next(intent, IntentEvent::Cancel)) return;
    cancelled = true;
    move_intent(IntentEvent::Cancel);
  }
  void move_offer(std::size_t offer, OfferEvent event) {
    if (const auto to = next(offers[offer], event)) offers[offer] = *to;
  }
  void move_intent(IntentEvent event) {
    const auto to = next(intent, event);
    REQUIRE(to);
    intent = *to;
    if (intent != IntentState::Accepted && intent != IntentState::Cancelled) return;
    for (std::size_t i = 0; i < std::size(offers); ++i) move_offer(i, OfferEvent::IntentEnds);
  }

  IntentState intent = IntentState::Open;
  OfferState offers[3] = {OfferState::Live, OfferState::Live, OfferState::Live};
  std::optional<AcceptanceState> acceptance;
  std::size_t chosen = 0;
  bool cancelled = false;
  int acknowledged = 0;
};

void act(Round& round, std::mt19937& random) {
  const std::size_t offer = random() % 3;
  switch (random() % 8) {
    case 0:
    case 1:
      return round.accept(offer);
    case 2:
      return round.end_acceptance(AcceptanceEvent::Acknowledge);
    case 3:
      return round.end_acceptance(AcceptanceEvent::Refuse);
    case 4:
      return round.end_acceptance(AcceptanceEvent::TimePasses);
    case 5:
      return random() % 4 == 0 ? round.cancel() : round.move_offer(offer, OfferEvent::Revise);
    default:
      return round.move_offer(offer, kOfferEvents[random() % 4]);
  }
}

}  // namespace

TEST_SUITE("market/states at random") {
  TEST_CASE(
      "whatever happens in whatever order, one offer is accepted at most, and what is over stays "
      "over") {
    std::map<IntentState, int> ends;
    for (unsigned seed = 0; seed < 3000; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      Round round;
      for (int step = 0; step < 40; ++step) {
        const Round before = round;
        act(round, random);
        if (is_terminal(before.intent, kIntentEvents)) REQUIRE(round.intent == before.intent);
        int accepted = 0;
        for (std::size_t i = 0; i < 3; ++i) {
          if (is_terminal(before.offers[i], kOfferEvents))
            REQUIRE(round.offers[i] == before.offers[i]);
          if (round.offers[i] == OfferState::Accepted) ++accepted;
        }
        const bool holds =
            round.intent == IntentState::Accepting || round.intent == IntentState::Accepted;
        REQUIRE(accepted == (holds ? 1 : 0));
        REQUIRE(round.acknowledged == (round.intent == IntentState::Accepted ? 1 : 0));
        // What is stored gives the same state as the arrows.
        Intent intent;
        intent.told.offers_until = {100};
        intent.cancelled = round.cancelled;
        REQUIRE(intent.state(round.acceptance, {50}) == round.intent);
      }
      ++ends[round.intent];
    }
    CHECK(ends.size() >= 3);  // the walk reached its ends
  }

  TEST_CASE("time closes an open intent and no other") {
    Intent intent;
    intent.told.offers_until = {100};
    CHECK(intent.state(std::nullopt, {99}) == IntentState::Open);
    CHECK(intent.state(std::nullopt, {100}) == IntentState::Closed);
    CHECK(intent.state(AcceptanceState::Pending, {100}) == IntentState::Accepting);
    CHECK(intent.state(AcceptanceState::Acknowledged, {100}) == IntentState::Accepted);
    CHECK(intent.state(AcceptanceState::Cancelled, {99}) == IntentState::Open);
    CHECK(intent.state(AcceptanceState::Cancelled, {100}) == IntentState::Closed);
    intent.cancelled = true;
    CHECK(intent.state(std::nullopt, {99}) == IntentState::Cancelled);
  }
}

TEST_SUITE("market/invitation") {
  TEST_CASE("taking an offer follows a plain model, whatever comes in whatever order") {
    struct Model {
      std::int64_t rev;
      int bytes;
      OfferState state;
    };
    std::map<Taking, int> seen;
    for (unsigned seed = 0; seed < 400; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      Invitation invitation;
      invitation.offers_until = {1000};
      std::map<std::string, Model> model;
      for (int step = 0; step < 120; ++step) {
        const Instant now{seed % 4 == 0 && step > 100 ? 1000 : step};
        const std::string oid = "o" + std::to_string(random() % (seed % 2 == 0 ? 4 : 40));
        if (random() % 3 == 0 && model.contains(oid)) {
          const OfferEvent event = kOfferEvents[1 + random() % 6];
          const auto to = next(model.at(oid).state, event);
          if (to && *to != OfferState::Expired) {
            model.at(oid).state = *to;
            for (auto& entry : invitation.offers)
              if (entry.oid == oid) entry.stored = *to;
          }
          continue;
        }
        const std::int64_t rev = 1 + static_cast<std::int64_t>(random() % 4);
        const int bytes = static_cast<int>(random() % 2);
        const Taking got = taking(invitation, oid, rev, std::to_string(bytes), now);
        ++seen[got];

        const auto known = model.find(oid);
        const auto live = std::count_if(model.begin(), model.end(), [](const auto& item) {
          return item.second.state == OfferState::Live || item.second.state == OfferState::Accepted;
        });
        if (got == Taking::New) {
          REQUIRE(known == model.end());
          REQUIRE(live < 3);
          REQUIRE(model.size() < kMostOffersEver);
          REQUIRE(now.ms < 1000);
          model[oid] = {rev, bytes, OfferState::Live};
          OfferEntry entry;
          entry.oid = oid;
          entry.rev = rev;
          entry.sha256 = std::to_string(bytes);
          entry.valid_until = {5000};
          invitation.offers.push_back(entry);
        } else if (got == Taking::Revised) {
          REQUIRE(known->second.state == OfferState::Live);
          REQUIRE(rev > known->second.rev);
          REQUIRE(now.ms < 1000);
          known->second.rev = rev;
          known->second.bytes = bytes;
          for (auto& entry : invitation.offers) {
            if (entry.oid != oid) continue;
            entry.rev = rev;
            entry.sha256 = std::to_string(bytes);
          }
        } else if (got == Taking::Same) {
          REQUIRE(known->second.rev == rev);
          REQUIRE(known->second.bytes == bytes);
        } else if (got == Taking::Stale) {
          REQUIRE((rev <= known->second.rev || known->second.state != OfferState::Live));
        } else if (got == Taking::TooMany) {
          REQUIRE(known == model.end());
          REQUIRE((live >= 3 || model.size() >= kMostOffersEver));
        } else if (got == Taking::Accepted) {
          REQUIRE(known->second.state == OfferState::Accepted);
        } else {
          REQUIRE((now.ms >= 1000 || known->second.state == OfferState::Closed));
        }
      }
    }
    CHECK(seen.size() == 7);  // every answer was given
  }

  TEST_CASE("an offer that ended is not revised, and one that expired counts no more") {
    Invitation invitation;
    invitation.offers_until = {1000};
    for (int i = 0; i < 3; ++i) {
      OfferEntry entry;
      entry.oid = "o" + std::to_string(i);
      entry.rev = 1;
      entry.sha256 = "a";
      entry.valid_until = {500 + i};
      invitation.offers.push_back(entry);
    }
    CHECK(taking(invitation, "new", 1, "b", {499}) == Taking::TooMany);
    CHECK(taking(invitation, "new", 1, "b", {500}) == Taking::New);
    CHECK(taking(invitation, "o0", 2, "b", {499}) == Taking::Revised);
    CHECK(taking(invitation, "o0", 2, "b", {500}) == Taking::Stale);
    CHECK(taking(invitation, "o0", 1, "a", {500}) == Taking::Same);
    CHECK(taking(invitation, "o2", 2, "b", {1000}) == Taking::Closed);
    invitation.closed = true;
    CHECK(taking(invitation, "o2", 2, "b", {100}) == Taking::Closed);
    CHECK(taking(invitation, "o2", 1, "a", {100}) == Taking::Same);
    CHECK(taking(invitation, "new", 1, "b", {500}) == Taking::Closed);
    CHECK(state_of(invitation.offers[0], {499}) == OfferState::Live);
    CHECK(state_of(invitation.offers[0], {500}) == OfferState::Expired);
    invitation.offers[0].stored = OfferState::Accepted;
    CHECK(state_of(invitation.offers[0], {500}) == OfferState::Accepted);
  }

  TEST_CASE("no brand makes more offers than it may, whatever became of them") {
    Invitation invitation;
    invitation.offers_until = {1000};
    for (std::size_t i = 0; i < kMostOffersEver; ++i) {
      CHECK(taking(invitation, "o" + std::to_string(i), 1, "a", {1}) == Taking::New);
      OfferEntry entry;
      entry.oid = "o" + std::to_string(i);
      entry.stored = OfferState::Withdrawn;
      entry.valid_until = {900};
      invitation.offers.push_back(entry);
    }
    CHECK(taking(invitation, "another", 1, "a", {1}) == Taking::TooMany);
  }
}
