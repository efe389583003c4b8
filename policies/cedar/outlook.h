#pragma once
// What policies come to while parts of a request are open: what is sure, and where it may change.
//
// It never says less than can be: an outcome that it leaves out cannot occur. With a box in which
// there is no cut any more, every policy comes to the same everywhere in the box.
//
// An open value may only be compared (< <= > >= == !=) with what is not open itself; a datetime also
// through offset, durationSince, and toDate or toTime at the end. Anything else that may be reached
// leaves the fragment, and so does using the whole context as a value while something in it is open.
// What may be reached is judged operand by operand: only one that surely ends its chain hides the rest.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "policies/cedar/evaluator.h"
#include "policies/cedar/moving_term.h"

namespace cedar {

class Sample;

// What is known of the resource: all, or only its type. Then nothing is known of any entity of that
// type. REQUIRES: no attribute or tag in the store names one.
enum class ResourceKnown { All, TypeOnly };

class Outlook {
 public:
  // REQUIRES: in `request` and `entities` something stands for each open value (what it is does not
  // count), and all live as long as the outlook.
  Outlook(const Request& request, const Entities& entities, std::span<const OpenValue> open,
          ResourceKnown known = ResourceKnown::All);
  ~Outlook();

  // Looks at this box from now on, and forgets cuts and departure. REQUIRES: it lives until the next.
  void look_at(const Box& box);

  Outcomes of(const Policy& policy);

  // Where what was asked since look_at() may change, by open value.
  const std::vector<Cuts>& cuts() const { return cuts_; }

  // The first thing that left the fragment since look_at(): Malformed, with the policy's id, line
  // and column, and why.
  const std::optional<vrm::Error>& departure() const { return departure_; }

  // The world at one place of the box; until the next look_at().
  const Sample& sample();

 private:
  enum class Kind {
    Fixed,    // the same everywhere in the box
    Depends,  // may change at the cuts, or with the resource
    Moving,   // an open value, perhaps moved
    Context,  // the context as a whole, with open values in it
  };
  struct Seen {
    Kind kind = Kind::Fixed;
    Outcomes outcomes = {};  // of Fixed: where it is known already; of Depends: what can be
    std::optional<MovingTerm> term = {};
    bool by_box = false;  // of Fixed: it may be another one in other boxes
  };
  struct Sampled;  // and what evaluates there

  Seen see(const Expression& expression);
  Seen see(const Literal& node, const Expression& whole);
  Seen see(const Variable& node, const Expression& whole);
  Seen see(const Not& node, const Expression& whole);
  Seen see(const Negate& node, const Expression& whole);
  Seen see(const And& node, const Expression& whole);
  Seen see(const Or& node, const Expression& whole);
  Seen see(const Binary& node, const Expression& whole);
  Seen see(const IsEmpty& node, const Expression& whole);
  Seen see(const If& node, const Expression& whole);
  Seen see(const Attribute& node, const Expression& whole);
  Seen see(const Has& node, const Expression& whole);
  Seen see(const Like& node, const Expression& whole);
  Seen see(const Is& node, const Expression& whole);
  Seen see(const SetLiteral& node, const Expression& whole);
  Seen see(const RecordLiteral& node, const Expression& whole);
  Seen see(const Call& node, const Expression& whole);

  Seen see_chain(const std::vector<ExpressionPtr>& operands, bool stop);
  Seen see_comparison(BinaryOperator op, const Expression& left, const Expression& right,
                      const Expression& whole);
  // Nothing: a moving term may not take part in this call.
  std::optional<Seen> see_moved(const Call& node, std::span<const Seen> parts);
  // Of a node that just needs the values of these.
  Seen combined(std::span<const Seen> parts, const Expression& whole);
  // Of a condition: Fixed or Depends, with outcomes.
  Seen truth(const Expression& expression);
  // REQUIRES: it was seen as Fixed.
  std::variant<Value, EvaluationError> value(const Seen& seen, const Expression& expression);
  Outcomes scope_of(const Policy& policy) const;
  Outcomes resource_in(const ScopeConstraint& constraint,
                       const std::optional<EntityUid>& slot) const;

  static Seen fixed(Outcomes known = {}, bool by_box = false) {
    return {.kind = Kind::Fixed, .outcomes = known, .by_box = by_box};
  }
  static Seen depends(Outcomes on = Outcomes::any()) {
    return {.kind = Kind::Depends, .outcomes = on};
  }
  Seen depart(const Expression& at, const std::string& why);
  Seen depart(const Expression& at, const Seen& part);
  std::optional<std::size_t> open_in_context(std::string_view name) const;
  // REQUIRES: the object was seen as Fixed.
  std::optional<std::size_t> open_attribute(const Seen& seen, const Expression& object,
                                            std::string_view name);

  Evaluator evaluator_;
  const Request& request_;
  const Entities& entities_;
  std::span<const OpenValue> open_;
  ResourceKnown known_;
  bool context_open_ = false;
  const Box* box_ = nullptr;
  const Policy* policy_ = nullptr;
  std::vector<Cuts> cuts_;
  std::optional<vrm::Error> departure_;
  std::unique_ptr<Sampled> sample_;  // null: nothing has needed it in this box
};

}  // namespace cedar
