#include "vault/outbound/lanes.h"

#include <algorithm>

#include "vault/base/check.h"

namespace vrm::outbound {

std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

void Lanes::leave(AtLane lane) {
  if (open(lane->second)) open_.erase(lane->second.waiting.begin()->first);
}

void Lanes::enter(AtLane lane) {
  if (open(lane->second)) open_.emplace(lane->second.waiting.begin()->first, lane);
}

void Lanes::file(Delivery delivery, Place& place) {
  place.order = Order{delivery.due, came_++};
  place.lane->second.waiting.emplace(*place.order, std::move(delivery));
}

void Lanes::add(Delivery delivery) {
  const std::string_view origin = origin_of(delivery.url);
  auto lane = lanes_.find(origin);
  if (lane == lanes_.end()) lane = lanes_.emplace(std::string(origin), Lane{}).first;
  const auto [at, is_new] = places_.emplace(delivery.id, Place{lane, std::nullopt});
  VRM_CHECK(is_new);
  leave(lane);
  file(std::move(delivery), at->second);
  enter(lane);
}

std::optional<Delivery> Lanes::take(Instant now) {
  if (open_.empty() || open_.begin()->first.first > now) return std::nullopt;
  const AtLane lane = open_.begin()->second;
  leave(lane);
  auto node = lane->second.waiting.extract(lane->second.waiting.begin());
  ++lane->second.under_way;
  enter(lane);
  places_.at(node.mapped().id).order.reset();
  return std::move(node.mapped());
}

std::optional<Instant> Lanes::next_due() const {
  if (open_.empty()) return std::nullopt;
  return open_.begin()->first.first;
}

std::optional<Delivery> Lanes::remove(const std::string& id) {
  const auto place = places_.find(id);
  if (place == places_.end() || !place->second.order) return std::nullopt;
  const AtLane lane = place->second.lane;
  leave(lane);
  auto node = lane->second.waiting.extract(*place->second.order);
  enter(lane);
  forget(id);
  return std::move(node.mapped());
}

void Lanes::put_back(Delivery delivery) {
  Place& place = places_.at(delivery.id);
  VRM_CHECK(!place.order);
  const AtLane lane = place.lane;
  leave(lane);
  --lane->second.under_way;
  file(std::move(delivery), place);
  enter(lane);
}

void Lanes::finish(const std::string& id) {
  const auto place = places_.find(id);
  VRM_CHECK(place != places_.end() && !place->second.order);
  const AtLane lane = place->second.lane;
  leave(lane);
  --lane->second.under_way;
  enter(lane);
  forget(id);
}

// And its lane, when nothing else is in it.
void Lanes::forget(const std::string& id) {
  const auto place = places_.find(id);
  const AtLane lane = place->second.lane;
  places_.erase(place);
  if (lane->second.waiting.empty() && lane->second.under_way == 0) lanes_.erase(lane);
}

}  // namespace vrm::outbound
