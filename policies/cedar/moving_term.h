#pragma once
// An open value as a policy moves it before it compares it: context.now.offset(d), toDate(), toTime().
//
//   v, offset, durationSince      the value rises or falls by one with v
//   toDate                        and is cut to its day at the end
//   toTime                        or to what its day leaves
//
// So a comparison with a fixed value changes at a few places of v only, which are computed here.

#include <cstdint>
#include <optional>
#include <vector>

#include "policies/cedar/expression.h"
#include "policies/cedar/open_value.h"

namespace cedar {

// Sums of a few int64.
__extension__ using Wide = __int128;

// Where an answer may change within an extent: at each of these, beside what is just before it.
struct Cuts {
  std::vector<std::int64_t> values;
  std::vector<std::int64_t> times_of_day;

  bool empty() const { return values.empty() && times_of_day.empty(); }
};

// What may come of a condition or comparison.
struct Outcomes {
  bool holds = false;
  bool fails = false;
  bool errs = false;

  static Outcomes any() { return {true, true, true}; }
  static Outcomes just(bool holds) { return {holds, !holds, false}; }
  static Outcomes error() { return {false, false, true}; }

  bool none() const { return !holds && !fails && !errs; }
  bool sure() const { return int{holds} + int{fails} + int{errs} == 1; }
};

class MovingTerm {
 public:
  // The open value of that index itself.
  MovingTerm(std::size_t index, OpenValue::Kind kind);

  std::size_t index() const { return index_; }

  // The calls that a moving term may take part in. Nothing: they are not for a term of this kind.
  std::optional<MovingTerm> offset(Duration by) const;
  std::optional<MovingTerm> since(Datetime earlier) const;
  std::optional<MovingTerm> until(Datetime later) const;  // later.durationSince(term)
  std::optional<MovingTerm> to_date() const;
  std::optional<MovingTerm> to_time() const;

  // What `term op fixed` can come to within the extent; where that is not sure, `cuts` gets at least
  // one place that lies in it. Values beyond int64 on the way err, as the engine says.
  // REQUIRES: op is one of the six comparisons.
  Outcomes compare(BinaryOperator op, const Value& fixed, const Extent& extent, Cuts& cuts) const;

 private:
  enum class Type { Long, Datetime, Duration };
  enum class Part { All, Date, TimeOfDay };
  // What the term or a step on the way to it is for int64: v or -v, and a shift.
  struct Line {
    bool falls = false;
    Wide shift = 0;
    Wide low = 0;   // the values that do not err
    Wide high = 0;  // both included

    Wide at(std::int64_t v) const { return falls ? shift - v : shift + v; }
    // The v from which on, or before which, the line is on the other side of `bound`.
    Wide cut_at(Wide bound) const { return falls ? shift - bound + 1 : bound - shift; }
  };

  std::optional<MovingTerm> moved(Type type, bool turn, std::int64_t by) const;
  std::optional<std::int64_t> same_kind(const Value& fixed) const;
  Outcomes overflow(const Extent& extent, Cuts& cuts) const;
  Outcomes compare_part(BinaryOperator op, std::int64_t fixed, const Span& values,
                        Cuts& cuts) const;
  Outcomes compare_time(BinaryOperator op, std::int64_t fixed, const Extent& extent,
                        Cuts& cuts) const;

  std::size_t index_;
  Type type_;
  Part part_ = Part::All;
  std::vector<Line> lines_;  // the last one is the term
};

}  // namespace cedar
