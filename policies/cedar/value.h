#pragma once
// What a Cedar expression can be: bool, long, string, entity, set, record, decimal, ipaddr,
// datetime or duration.
//
// Values never change. Sets and records are handles: a copy shares the contents, from any thread.

#include <compare>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "policies/cedar/datetime.h"
#include "policies/cedar/decimal.h"
#include "policies/cedar/entity_uid.h"
#include "policies/cedar/ip_address.h"

namespace cedar {

class Value;

// Values without order and without duplicates; they may be of different kinds.
class Set {
 public:
  Set() = default;
  explicit Set(std::vector<Value> values);
  static Set of(std::initializer_list<Value> values);

  std::size_t size() const;
  bool contains(const Value& value) const;
  bool contains_all(const Set& other) const;
  bool contains_any(const Set& other) const;
  // Null when every value is an entity, else one that is not.
  const Value* find_no_entity() const;

  // In the order of Value's <=>.
  const Value* begin() const;
  const Value* end() const;

  friend bool operator==(const Set& a, const Set& b);
  friend std::strong_ordering operator<=>(const Set& a, const Set& b);

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;  // null is the empty set
};

// Values by name.
class Record {
 public:
  using Member = std::pair<std::string, Value>;

  Record() = default;
  // REQUIRES: no name twice.
  explicit Record(std::vector<Member> members);
  static Record of(std::initializer_list<Member> members);

  std::size_t size() const;
  // Null: no such name. The pointer lives as long as any copy of this record.
  const Value* find(std::string_view name) const;

  // In the order of the names' bytes.
  const Member* begin() const;
  const Member* end() const;

  friend bool operator==(const Record& a, const Record& b);
  friend std::strong_ordering operator<=>(const Record& a, const Record& b);

 private:
  std::shared_ptr<const std::vector<Member>> members_;  // null is the empty record
};

class Value {
 public:
  using Variant = std::variant<bool, std::int64_t, std::string, EntityUid, Set, Record, Decimal,
                               IpAddress, Datetime, Duration>;

  Value() : data_(false) {}
  template <std::same_as<bool> Bool>
  Value(Bool value) : data_(value) {}
  Value(std::int64_t value) : data_(value) {}
  Value(int value) : data_(std::int64_t{value}) {}
  // REQUIRES: the text is UTF-8.
  Value(std::string value) : data_(std::move(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(EntityUid value) : data_(std::move(value)) {}
  Value(Set value) : data_(std::move(value)) {}
  Value(Record value) : data_(std::move(value)) {}
  Value(Decimal value) : data_(value) {}
  Value(IpAddress value) : data_(value) {}
  Value(Datetime value) : data_(value) {}
  Value(Duration value) : data_(value) {}

  // Null: the value is of another kind.
  template <typename T>
  const T* get() const {
    return std::get_if<T>(&data_);
  }
  const Variant& variant() const { return data_; }

  // As messages name it: bool, long, string, (entity of type `User`), set, record, decimal, ipaddr,
  // datetime, duration.
  std::string type_name() const;

  // Total: values of different kinds are just not equal. The order is for sets, and means nothing
  // else.
  friend bool operator==(const Value& a, const Value& b) = default;
  friend std::strong_ordering operator<=>(const Value& a, const Value& b) = default;

 private:
  Variant data_;
};

}  // namespace cedar
