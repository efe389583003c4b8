#include "vault/outbound/lanes.h"

#include <algorithm>

#include "vault/base/check.h"

namespace vrm::outbound {

std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

void Lanes::leave(const std::string& origin, const Lane& lane) {
  if (open(lane)) open_.erase({lane.waiting.begin()->first, origin});
}

void Lanes::enter(const std::string& origin, const Lane& lane) {
  if (open(lane)) open_.emplace(lane.waiting.begin()->first, origin);
}

void Lanes::file(Delivery delivery, Place& place) {
  place.order = Order{delivery.due, came_++};
  lanes_[place.origin].waiting.emplace(*place.order, std::move(delivery));
}

void Lanes::add(Delivery delivery) {
  Place place{std::string(origin_of(delivery.url)), std::nullopt};
  const auto [at, is_new] = places_.emplace(delivery.id, std::move(place));
  VRM_CHECK(is_new);
  const std::string& origin = at->second.origin;
  leave(origin, lanes_[origin]);
  file(std::move(delivery), at->second);
  enter(origin, lanes_[origin]);
}

std::optional<Delivery> Lanes::take(Instant now) {
  if (open_.empty() || open_.begin()->first.first > now) return std::nullopt;
  const std::string origin = open_.begin()->second;
  Lane& lane = lanes_.find(origin)->second;
  leave(origin, lane);
  auto node = lane.waiting.extract(lane.waiting.begin());
  ++lane.under_way;
  enter(origin, lane);
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
  const auto lane = lanes_.find(place->second.origin);
  leave(lane->first, lane->second);
  auto node = lane->second.waiting.extract(*place->second.order);
  enter(lane->first, lane->second);
  if (lane->second.waiting.empty() && lane->second.under_way == 0) lanes_.erase(lane);
  places_.erase(place);
  return std::move(node.mapped());
}

void Lanes::put_back(Delivery delivery) {
  Place& place = places_.at(delivery.id);
  VRM_CHECK(!place.order);
  Lane& lane = lanes_.find(place.origin)->second;
  leave(place.origin, lane);
  --lane.under_way;
  file(std::move(delivery), place);
  enter(place.origin, lane);
}

void Lanes::finish(const std::string& id) {
  const auto place = places_.find(id);
  VRM_CHECK(place != places_.end() && !place->second.order);
  const auto lane = lanes_.find(place->second.origin);
  leave(lane->first, lane->second);
  --lane->second.under_way;
  enter(lane->first, lane->second);
  if (lane->second.waiting.empty() && lane->second.under_way == 0) lanes_.erase(lane);
  places_.erase(place);
}

}  // namespace vrm::outbound
