#include "policies/cedar/open_value.h"

#include "policies/cedar/integer.h"

namespace cedar {

std::string OpenValue::to_string() const {
  return (owner ? owner->to_string() : std::string("context")) + "." + name;
}

std::int64_t time_of_day(std::int64_t ms) {
  const std::int64_t rest = ms % kDayMs;
  return rest < 0 ? rest + kDayMs : rest;
}

std::int64_t midnight_before(std::int64_t ms) {
  return ms - time_of_day(ms);
}

std::optional<std::int64_t> first_in(const Extent& extent) {
  const std::int64_t begin = extent.values.first;
  if (!extent.time_of_day) return begin;
  const std::int64_t time = time_of_day(begin);
  if (extent.time_of_day->first <= time && time <= extent.time_of_day->last) return begin;
  const std::int64_t wait =
      extent.time_of_day->first - time + (time > extent.time_of_day->last ? kDayMs : 0);
  const auto found = checked_add(begin, wait);
  return found && *found <= extent.values.last ? found : std::nullopt;
}

}  // namespace cedar
