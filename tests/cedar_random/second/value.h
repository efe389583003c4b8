#pragma once
// Values of the second evaluator: one plain struct for all kinds.

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cedar_second {

// Evaluation of a policy stops here, with no value.
struct Erred {};

enum class Kind { Bool, Long, String, Entity, Set, Record, Decimal, Ip, Datetime, Duration };

struct Uid {
  std::string type;
  std::string id;
  friend auto operator<=>(const Uid&, const Uid&) = default;
};

struct Ip {
  bool is_v6 = false;
  std::string bits = {};  // 32 or 128 times 0 or 1, from the highest
  int prefix = 0;
  friend bool operator==(const Ip&, const Ip&) = default;
};

struct Value {
  Kind kind = Kind::Bool;
  bool truth = false;
  std::int64_t number = 0;  // long; decimal in 1/10000; datetime and duration in milliseconds
  std::string text = {};
  Uid uid = {};
  Ip ip = {};
  // Of a set, as they come, also twice; and of a record. Copies share them.
  std::shared_ptr<const std::vector<Value>> set_elements = {};
  std::shared_ptr<const std::map<std::string, Value>> record_members = {};

  // REQUIRES: a set, a record.
  const std::vector<Value>& elements() const { return *set_elements; }
  const std::map<std::string, Value>& members() const { return *record_members; }
};

Value of_bool(bool truth);
Value of_number(Kind kind, std::int64_t number);
Value of_text(std::string text);
Value of_uid(Uid uid);
Value of_set(std::vector<Value> elements);
Value of_record(std::map<std::string, Value> members);

// Never errs: values of different kinds are not equal.
bool equal(const Value& a, const Value& b);
bool contains(const Value& set, const Value& element);

// {"type", "id"}, or the same under "__entity".
Uid read_uid(const nlohmann::json& json);
// The value of entity data, a context, or a literal of a policy. Throws Erred where a constructor does.
Value read_value(const nlohmann::json& json);

}  // namespace cedar_second
