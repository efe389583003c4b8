#include "policies/cedar/moving_term.h"

#include <algorithm>
#include <limits>

#include "vault/base/check.h"

namespace cedar {

namespace {

constexpr Wide kLowest = std::numeric_limits<std::int64_t>::min();
constexpr Wide kHighest = std::numeric_limits<std::int64_t>::max();

Wide day_begun(Wide at) {
  const Wide rest = at % kDayMs;
  return at - (rest < 0 ? rest + kDayMs : rest);
}

Wide next_midnight(Wide at) {
  const Wide begun = day_begun(at);
  return begun == at ? at : begun + kDayMs;
}

bool is_true(BinaryOperator op, Wide a, Wide b) {
  if (op == BinaryOperator::Less) return a < b;
  if (op == BinaryOperator::LessEqual) return a <= b;
  if (op == BinaryOperator::Greater) return a > b;
  if (op == BinaryOperator::GreaterEqual) return a >= b;
  if (op == BinaryOperator::NotEqual) return a != b;
  VRM_CHECK(op == BinaryOperator::Equal);
  return a == b;
}

// The values of x at which `x op fixed` may be other than at x - 1.
std::vector<Wide> bounds_of(BinaryOperator op, std::int64_t fixed) {
  const Wide at = fixed;
  if (op == BinaryOperator::Less || op == BinaryOperator::GreaterEqual) return {at};
  if (op == BinaryOperator::LessEqual || op == BinaryOperator::Greater) return {at + 1};
  return {at, at + 1};
}

// The times of day that an extent's moments can have.
Span times_of(const Extent& extent) {
  Span times = extent.time_of_day.value_or(Span{0, kDayMs - 1});
  const Wide begun = day_begun(extent.values.first);
  if (begun != day_begun(extent.values.last)) return times;
  times.first = std::max(times.first, static_cast<std::int64_t>(extent.values.first - begun));
  times.last = std::min(times.last, static_cast<std::int64_t>(extent.values.last - begun));
  return times;
}

}  // namespace

MovingTerm::MovingTerm(std::size_t index, OpenValue::Kind kind)
    : index_(index),
      type_(kind == OpenValue::Kind::Long ? Type::Long : Type::Datetime),
      lines_{{.falls = false, .shift = 0, .low = kLowest, .high = kHighest}} {}

std::optional<MovingTerm> MovingTerm::moved(Type type, bool turn, std::int64_t by) const {
  if (type_ != Type::Datetime || part_ != Part::All) return std::nullopt;
  MovingTerm term = *this;
  Line line = lines_.back();
  line.falls = turn ? !line.falls : line.falls;
  line.shift = turn ? by - line.shift : line.shift + by;
  term.lines_.push_back(line);
  term.type_ = type;
  return term;
}

std::optional<MovingTerm> MovingTerm::offset(Duration by) const {
  return moved(Type::Datetime, false, by.ms);
}

std::optional<MovingTerm> MovingTerm::since(Datetime earlier) const {
  auto term = moved(Type::Duration, false, 0);
  if (term) term->lines_.back().shift -= earlier.ms;
  return term;
}

std::optional<MovingTerm> MovingTerm::until(Datetime later) const {
  return moved(Type::Duration, true, later.ms);
}

std::optional<MovingTerm> MovingTerm::to_date() const {
  if (type_ != Type::Datetime || part_ != Part::All) return std::nullopt;
  MovingTerm term = *this;
  term.part_ = Part::Date;
  term.lines_.back().low = next_midnight(kLowest);  // of an earlier moment int64 has no midnight
  return term;
}

std::optional<MovingTerm> MovingTerm::to_time() const {
  if (type_ != Type::Datetime || part_ != Part::All) return std::nullopt;
  MovingTerm term = *this;
  term.part_ = Part::TimeOfDay;
  term.type_ = Type::Duration;
  return term;
}

std::optional<std::int64_t> MovingTerm::same_kind(const Value& fixed) const {
  const auto* number = fixed.get<std::int64_t>();
  const auto* moment = fixed.get<Datetime>();
  const auto* length = fixed.get<Duration>();
  if (type_ == Type::Long && number != nullptr) return *number;
  if (type_ == Type::Datetime && moment != nullptr) return moment->ms;
  if (type_ == Type::Duration && length != nullptr) return length->ms;
  return std::nullopt;
}

// Whether a step leaves int64: holds for some values, errs for others.
Outcomes MovingTerm::overflow(const Extent& extent, Cuts& cuts) const {
  Outcomes all{.holds = true, .fails = false, .errs = false};
  for (const Line& line : lines_) {
    const auto [low, high] =
        std::minmax({line.at(extent.values.first), line.at(extent.values.last)});
    if (high < line.low || low > line.high) return Outcomes::error();
    for (const Wide bound : {line.low, line.high + 1}) {
      if (bound <= low || bound > high) continue;
      cuts.values.push_back(static_cast<std::int64_t>(line.cut_at(bound)));
      all.errs = true;
    }
  }
  return all;
}

Outcomes MovingTerm::compare(BinaryOperator op, const Value& fixed, const Extent& extent,
                             Cuts& cuts) const {
  const Outcomes reached = overflow(extent, cuts);
  if (reached.errs) return reached.holds ? Outcomes::any() : reached;
  const auto with = same_kind(fixed);
  const bool equality = op == BinaryOperator::Equal || op == BinaryOperator::NotEqual;
  if (!with && equality) return Outcomes::just(op == BinaryOperator::NotEqual);
  if (!with) return Outcomes::error();
  return part_ == Part::TimeOfDay ? compare_time(op, *with, extent, cuts)
                                  : compare_part(op, *with, extent.values, cuts);
}

Outcomes MovingTerm::compare_part(BinaryOperator op, std::int64_t fixed, const Span& values,
                                  Cuts& cuts) const {
  const Line& line = lines_.back();
  const auto [low, high] = std::minmax({line.at(values.first), line.at(values.last)});
  bool changes = false;
  for (Wide bound : bounds_of(op, fixed)) {
    if (part_ == Part::Date) bound = next_midnight(bound);
    if (bound <= low || bound > high) continue;
    cuts.values.push_back(static_cast<std::int64_t>(line.cut_at(bound)));
    changes = true;
  }
  if (changes) return {.holds = true, .fails = true, .errs = false};
  return Outcomes::just(is_true(op, part_ == Part::Date ? day_begun(low) : low, fixed));
}

// The times of day of the term are those of the value, turned round the clock; what passes midnight
// on the way is cut there first.
Outcomes MovingTerm::compare_time(BinaryOperator op, std::int64_t fixed, const Extent& extent,
                                  Cuts& cuts) const {
  const Span times = times_of(extent);
  if (times.first > times.last) return Outcomes::just(true);  // no moment at all
  const Wide shift = lines_.back().shift - day_begun(lines_.back().shift);
  const Wide turned = times.first + shift >= kDayMs ? shift - kDayMs : shift;
  const Wide low = times.first + turned;
  const Wide high = times.last + turned;
  std::vector<Wide> bounds = bounds_of(op, fixed);
  if (high >= kDayMs) bounds = {kDayMs};
  bool changes = false;
  for (const Wide bound : bounds) {
    if (bound <= low || bound > high) continue;
    cuts.times_of_day.push_back(static_cast<std::int64_t>(bound - turned));
    changes = true;
  }
  if (changes) return {.holds = true, .fails = true, .errs = false};
  return Outcomes::just(is_true(op, low, fixed));
}

}  // namespace cedar
