#include "tests/bench/table_watch.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "vault/base/json.h"

namespace vrm::bench {
namespace {

constexpr std::chrono::seconds kTablePatience(60);

}  // namespace

Result<nlohmann::json> TableWatch::look() {
  auto table = TRY(owner_.post("/v1/intents/" + intent_ + "/offers", nlohmann::json::object()));
  cursor_ = TRY(need_int(table, "cursor"));
  return table;
}

Result<bool> TableWatch::wait_event() {
  const nlohmann::json news =
      TRY(owner_.get("/v1/events?after=" + std::to_string(cursor_) + "&wait=20&intent=" + intent_));
  cursor_ = TRY(need_int(news, "cursor"));
  const nlohmann::json* items = TRY(need_array(news, "items"));
  const bool missed = TRY(find_bool(news, "missed")).value_or(false);
  return missed || !items->empty();
}

Result<TableWatch::Seen> TableWatch::wait_until_right(const std::vector<Bid>& bids) {
  std::optional<Moment> first;
  std::string fault = "nothing happened";
  const Moment end = Moment::clock::now() + kTablePatience;
  while (Moment::clock::now() < end) {
    const bool happened = TRY(wait_event());
    if (!happened) continue;
    if (!first) first = Moment::clock::now();
    // What `vrm offers --watch` reads after an event.
    TRY(owner_.get("/v1/intents/" + intent_));
    const nlohmann::json table = TRY(look());
    const Moment read = Moment::clock::now();
    fault = fault_in(table, bids);
    if (fault.empty()) return Seen{*first, read};
  }
  return Error{ErrorCode::Unavailable, "the table did not become right: " + fault};
}

}  // namespace vrm::bench
