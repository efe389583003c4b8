#pragma once
// What waits to be sent, in order: what is due first goes first, and no origin takes more than its
// share of what is under way at once.
//
//   add -> waiting -> take -> under way -> put_back -> waiting …
//                                       -> finish

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "vault/base/time.h"

namespace vrm::outbound {

struct Delivery {
  std::string id;  // unique in the queue
  std::string url;
  std::string content_type;
  std::string body;
  int attempts = 0;  // failures so far
  Instant due{};     // not before
};

// Scheme, host and port of a URL, as they stand there.
std::string_view origin_of(std::string_view url);

class Lanes {
 public:
  explicit Lanes(std::size_t per_origin) : per_origin_(per_origin) {}

  bool contains(const std::string& id) const { return places_.contains(id); }
  std::size_t size() const { return places_.size(); }

  // REQUIRES: !contains(its id).
  void add(Delivery delivery);
  // The one that is due first, of an origin with room. Nothing: none is due by `now`.
  std::optional<Delivery> take(Instant now);
  // When take() will next have one, unless something finishes before. Nothing: none waits where
  // there is room.
  std::optional<Instant> next_due() const;
  // Takes a waiting one out. Nothing: it does not wait.
  std::optional<Delivery> remove(const std::string& id);
  // REQUIRES: it is under way.
  void put_back(Delivery delivery);
  void finish(const std::string& id);

 private:
  using Order = std::pair<Instant, std::uint64_t>;  // of two that are due at once, the first come
  struct Lane {
    std::map<Order, Delivery> waiting;
    std::size_t under_way = 0;
  };
  using AtLane = std::map<std::string, Lane, std::less<>>::iterator;
  struct Place {
    AtLane lane;
    std::optional<Order> order;  // nothing: under way
  };

  bool open(const Lane& lane) const {
    return !lane.waiting.empty() && lane.under_way < per_origin_;
  }
  // Around each change of a lane: out of the list of the open ones, and back into it.
  void leave(AtLane lane);
  void enter(AtLane lane);
  void file(Delivery delivery, Place& place);
  void forget(const std::string& id);

  const std::size_t per_origin_;
  std::uint64_t came_ = 0;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::map<Order, AtLane> open_;  // by what each has first
  std::unordered_map<std::string, Place> places_;
};

}  // namespace vrm::outbound
