#include "tests/cedar_random/second/evaluator.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tests/cedar_random/second/extensions.h"

namespace cedar_second {

using nlohmann::json;

namespace {

bool truth_of(const Value& value) {
  if (value.kind != Kind::Bool) throw Erred{};
  return value.truth;
}

std::int64_t long_of(const Value& value) {
  if (value.kind != Kind::Long) throw Erred{};
  return value.number;
}

const std::string& text_of(const Value& value) {
  if (value.kind != Kind::String) throw Erred{};
  return value.text;
}

const Uid& uid_of(const Value& value) {
  if (value.kind != Kind::Entity) throw Erred{};
  return value.uid;
}

const Value& set_of(const Value& value) {
  if (value.kind != Kind::Set) throw Erred{};
  return value;
}

bool is_in(const Store& store, const Uid& member, const Uid& group) {
  if (member == group) return true;
  const auto found = store.find(member);
  if (found == store.end()) return false;
  for (const auto& parent : found->second.parents)
    if (is_in(store, parent, group)) return true;
  return false;
}

bool is_in_any(const Store& store, const Uid& member, const Value& groups) {
  if (groups.kind == Kind::Entity) return is_in(store, member, groups.uid);
  bool found = false;
  for (const auto& each : set_of(groups).elements())
    if (is_in(store, member, uid_of(each))) found = true;
  return found;
}

// A pattern as pieces: nothing is the wildcard.
using Pieces = std::vector<std::optional<char>>;

bool is_like(const std::string& text, std::size_t at, const Pieces& pattern, std::size_t piece) {
  if (piece == pattern.size()) return at == text.size();
  if (!pattern[piece])
    return is_like(text, at, pattern, piece + 1) ||
           (at < text.size() && is_like(text, at + 1, pattern, piece));
  return at < text.size() && text[at] == *pattern[piece] &&
         is_like(text, at + 1, pattern, piece + 1);
}

Pieces pieces_of(const json& pattern) {
  Pieces pieces;
  for (const auto& each : pattern) {
    if (each.is_string())
      pieces.emplace_back();
    else
      for (const char c : each.at("Literal").get_ref<const std::string&>()) pieces.emplace_back(c);
  }
  return pieces;
}

bool is_before(const Value& a, const Value& b, bool or_equal) {
  const bool ordered = a.kind == Kind::Long || a.kind == Kind::Datetime || a.kind == Kind::Duration;
  if (!ordered || a.kind != b.kind) throw Erred{};
  return or_equal ? a.number <= b.number : a.number < b.number;
}

void note(Reached* reached, const std::string& at, const Value& found) {
  if (reached == nullptr) return;
  Outcomes& outcomes = (*reached)[at];
  ++(found.kind != Kind::Bool ? outcomes.others
     : found.truth            ? outcomes.truths
                              : outcomes.falsehoods);
}

class Evaluation {
 public:
  Evaluation(const Store& store, const Request& request, Reached* reached)
      : store_(store), request_(request), reached_(reached) {}

  Value value(const json& expression) {
    const auto member = expression.begin();
    if (reached_ == nullptr) return value_of(member.key(), member.value());
    const std::string outer = std::exchange(at_, label(member.key(), member.value()));
    Value found = value_of(member.key(), member.value());
    note(reached_, at_, found);
    at_ = outer;
    return found;
  }

  // Whether the condition holds as it stands there, `when` or `unless`.
  bool holds(const json& condition) {
    const std::string kind = condition.at("kind").get<std::string>();
    at_ = kind;
    const Value found = value(condition.at("body"));
    const bool truth = truth_of(found);
    note(reached_, kind, found);
    return truth == (kind == "when");
  }

  // Whose error it was, where `reached` is asked for.
  const std::string& at() const { return at_; }

 private:
  static std::string label(const std::string& name, const json& inner) {
    if (name == "is" && inner.contains("in")) return "is in";
    if (name == "has" && inner.at("attr").is_array()) return "has path";
    return name;
  }

  Value value_of(const std::string& name, const json& inner) {
    if (name == "Value") return read_value(inner);
    if (name == "Var") return variable(inner.get<std::string>());
    if (name == "Set") return of_set(values(inner));
    if (name == "Record") return record(inner);
    if (name == "if-then-else")
      return value(inner.at(truth_of(value(inner.at("if"))) ? "then" : "else"));
    if (is_extension(name)) return call_extension(name, values(inner));
    if (inner.contains("arg")) return unary(name, value(inner.at("arg")));
    const Value left = value(inner.at("left"));
    if (name == "&&") return of_bool(truth_of(left) && truth_of(value(inner.at("right"))));
    if (name == "||") return of_bool(truth_of(left) || truth_of(value(inner.at("right"))));
    if (name == ".") return attribute(left, inner.at("attr").get<std::string>());
    if (name == "has") return of_bool(has(left, inner.at("attr")));
    if (name == "like")
      return of_bool(is_like(text_of(left), 0, pieces_of(inner.at("pattern")), 0));
    if (name == "is") return of_bool(is(uid_of(left), inner));
    return binary(name, left, value(inner.at("right")));
  }

  Value variable(const std::string& name) const {
    if (name == "principal") return of_uid(request_.principal);
    if (name == "action") return of_uid(request_.action);
    if (name == "resource") return of_uid(request_.resource);
    return request_.context;
  }

  std::vector<Value> values(const json& list) {
    std::vector<Value> all;
    for (const auto& each : list) all.push_back(value(each));
    return all;
  }

  Value record(const json& members) {
    std::map<std::string, Value> all;
    for (auto member = members.begin(); member != members.end(); ++member)
      all[member.key()] = value(member.value());
    return of_record(std::move(all));
  }

  static Value unary(const std::string& name, const Value& operand) {
    if (name == "!") return of_bool(!truth_of(operand));
    if (name == "neg") return of_number(Kind::Long, fit(-Wide{long_of(operand)}));
    return of_bool(set_of(operand).elements().empty());  // isEmpty
  }

  // Null: there is none of this name. Throws Erred: what is neither record nor entity has no names.
  const Value* find(const Value& object, const std::string& name) const {
    if (object.kind == Kind::Record) {
      const auto found = object.members().find(name);
      return found == object.members().end() ? nullptr : &found->second;
    }
    const auto entity = store_.find(uid_of(object));
    if (entity == store_.end()) return nullptr;
    const auto found = entity->second.attributes.find(name);
    return found == entity->second.attributes.end() ? nullptr : &found->second;
  }

  Value attribute(const Value& object, const std::string& name) const {
    const Value* found = find(object, name);
    if (found == nullptr) throw Erred{};
    return *found;
  }

  // A path is `has` each of it, one after the other, until one is missing.
  bool has(const Value& object, const json& path) const {
    if (path.is_string()) return find(object, path.get<std::string>()) != nullptr;
    Value at = object;
    for (const auto& name : path) {
      const Value* found = find(at, name.get<std::string>());
      if (found == nullptr) return false;
      at = Value(*found);
    }
    return true;
  }

  bool is(const Uid& uid, const json& inner) {
    if (uid.type != inner.at("entity_type").get<std::string>()) return false;
    return !inner.contains("in") || is_in_any(store_, uid, value(inner.at("in")));
  }

  Value binary(const std::string& name, const Value& left, const Value& right) {
    if (name == "in" && right.kind == Kind::Set) at_ = "in set";
    if (name == "==") return of_bool(equal(left, right));
    if (name == "!=") return of_bool(!equal(left, right));
    if (name == "<") return of_bool(is_before(left, right, false));
    if (name == "<=") return of_bool(is_before(left, right, true));
    if (name == ">") return of_bool(is_before(right, left, false));
    if (name == ">=") return of_bool(is_before(right, left, true));
    if (name == "in") return of_bool(is_in_any(store_, uid_of(left), right));
    if (name == "contains") return of_bool(contains(set_of(left), right));
    if (name == "containsAll" || name == "containsAny") return contains_many(name, left, right);
    if (name == "hasTag" || name == "getTag") return tag(name, uid_of(left), text_of(right));
    const Wide a = long_of(left);
    const Wide b = long_of(right);
    if (name == "+") return of_number(Kind::Long, fit(a + b));
    if (name == "-") return of_number(Kind::Long, fit(a - b));
    return of_number(Kind::Long, fit(a * b));
  }

  static Value contains_many(const std::string& name, const Value& left, const Value& right) {
    const Value& all = set_of(left);
    std::size_t found = 0;
    for (const auto& each : set_of(right).elements())
      if (contains(all, each)) ++found;
    return of_bool(name == "containsAll" ? found == right.elements().size() : found > 0);
  }

  Value tag(const std::string& name, const Uid& uid, const std::string& key) const {
    const auto entity = store_.find(uid);
    const bool has = entity != store_.end() && entity->second.tags.contains(key);
    if (name == "hasTag") return of_bool(has);
    if (!has) throw Erred{};
    return entity->second.tags.at(key);
  }

  const Store& store_;
  const Request& request_;
  Reached* reached_;
  std::string at_ = {};  // the operator at work
};

// `slots` are the values of a link; a policy that was written so has none.
bool scope_matches(const json& scope, const Uid& uid, const Store& store, const json& slots) {
  const auto entity = [&slots](const json& place) {
    return read_uid(place.contains("slot") ? slots.at(place.at("slot").get<std::string>())
                                           : place.at("entity"));
  };
  const std::string op = scope.at("op").get<std::string>();
  if (op == "All") return true;
  if (op == "==") return uid == entity(scope);
  if (op == "is")
    return uid.type == scope.at("entity_type").get<std::string>() &&
           (!scope.contains("in") || is_in(store, uid, entity(scope.at("in"))));
  if (!scope.contains("entities")) return is_in(store, uid, entity(scope));
  for (const auto& each : scope.at("entities"))
    if (is_in(store, uid, read_uid(each))) return true;
  return false;
}

std::string scope_label(const json& scope) {
  const bool is_in = scope.contains("in");
  const bool slot = (is_in ? scope.at("in") : scope).contains("slot");
  return "scope " + scope.at("op").get<std::string>() + (is_in ? " in" : "") +
         (scope.contains("entities") ? " set" : "") + (slot ? " slot" : "");
}

bool scope_holds(const json& scope, const Uid& uid, const Store& store, const json& slots,
                 Reached* reached) {
  const bool matches = scope_matches(scope, uid, store, slots);
  if (reached != nullptr) note(reached, scope_label(scope), of_bool(matches));
  return matches;
}

// Throws Erred.
bool satisfied(const json& policy, const json& slots, const Store& store, const Request& request,
               Reached* reached) {
  if (!scope_holds(policy.at("principal"), request.principal, store, slots, reached) ||
      !scope_holds(policy.at("action"), request.action, store, slots, reached) ||
      !scope_holds(policy.at("resource"), request.resource, store, slots, reached))
    return false;
  Evaluation evaluation(store, request, reached);
  try {
    for (const auto& condition : policy.at("conditions"))
      if (!evaluation.holds(condition)) return false;
  } catch (const Erred&) {
    if (reached != nullptr) ++(*reached)[evaluation.at()].errors;
    throw;
  }
  return true;
}

}  // namespace

Store read_store(const json& entities) {
  Store store;
  for (const auto& each : entities) {
    EntityData& entity = store[read_uid(each.at("uid"))];
    entity.attributes = read_value(each.at("attrs")).members();
    if (each.contains("tags")) entity.tags = read_value(each.at("tags")).members();
    for (const auto& parent : each.at("parents")) entity.parents.push_back(read_uid(parent));
  }
  return store;
}

Request read_request(const json& request) {
  return {read_uid(request.at("principal")), read_uid(request.at("action")),
          read_uid(request.at("resource")), read_value(request.at("context"))};
}

Answer authorize(const json& policies, const Store& store, const Request& request,
                 Reached* reached) {
  std::set<std::string> permits;
  std::set<std::string> forbids;
  std::set<std::string> errors;
  const auto decide = [&](const std::string& id, const json& policy, const json& slots) {
    try {
      if (satisfied(policy, slots, store, request, reached))
        (policy.at("effect") == "permit" ? permits : forbids).insert(id);
    } catch (const Erred&) {
      errors.insert(id);
    }
  };
  const auto& written = policies.at("staticPolicies");
  for (auto each = written.begin(); each != written.end(); ++each)
    decide(each.key(), each.value(), json::object());
  for (const auto& link : policies.at("templateLinks"))
    decide(link.at("newId").get<std::string>(),
           policies.at("templates").at(link.at("templateId").get<std::string>()),
           link.at("values"));
  if (!permits.empty() && forbids.empty()) return {true, permits, errors};
  return {false, forbids, errors};
}

}  // namespace cedar_second
