#include "policies/cedar/value.h"

#include <algorithm>
#include <array>

#include "vault/base/check.h"

namespace cedar {

namespace {

// So many members are looked through: most names differ in their length already.
constexpr std::size_t kFewMembers = 12;

}  // namespace

struct Set::Contents {
  std::vector<Value> values;  // sorted, each once
  const Value* no_entity;
};

Set::Set(std::vector<Value> values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return (a <=> b) < 0; });
  values.erase(std::unique(values.begin(), values.end()), values.end());
  auto contents = std::make_shared<Contents>(Contents{std::move(values), nullptr});
  for (const Value& value : contents->values) {
    if (value.get<EntityUid>() == nullptr) {
      contents->no_entity = &value;
      break;
    }
  }
  contents_ = std::move(contents);
}

Set Set::of(std::initializer_list<Value> values) {
  return Set(std::vector<Value>(values));
}

std::size_t Set::size() const {
  return contents_ ? contents_->values.size() : 0;
}

const Value* Set::begin() const {
  return contents_ ? contents_->values.data() : nullptr;
}

const Value* Set::end() const {
  return contents_ ? begin() + size() : nullptr;
}

const Value* Set::find_no_entity() const {
  return contents_ ? contents_->no_entity : nullptr;
}

bool Set::contains(const Value& value) const {
  return std::binary_search(begin(), end(), value,
                            [](const Value& a, const Value& b) { return (a <=> b) < 0; });
}

bool Set::contains_all(const Set& other) const {
  return std::all_of(other.begin(), other.end(),
                     [this](const Value& value) { return contains(value); });
}

bool Set::contains_any(const Set& other) const {
  return std::any_of(other.begin(), other.end(),
                     [this](const Value& value) { return contains(value); });
}

bool operator==(const Set& a, const Set& b) {
  return a.contents_ == b.contents_ || std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::strong_ordering operator<=>(const Set& a, const Set& b) {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

Record::Record(std::vector<Member> members) {
  if (members.empty()) return;
  const auto ascend = [](const Member& a, const Member& b) { return a.first < b.first; };
  const auto descend = [](const Member& a, const Member& b) { return !(a.first < b.first); };
  if (std::adjacent_find(members.begin(), members.end(), descend) != members.end()) {
    std::sort(members.begin(), members.end(), ascend);
    VRM_CHECK(std::adjacent_find(members.begin(), members.end(), descend) == members.end());
  }
  members_ = std::make_shared<const std::vector<Member>>(std::move(members));
}

Record Record::of(std::initializer_list<Member> members) {
  return Record(std::vector<Member>(members));
}

std::size_t Record::size() const {
  return members_ ? members_->size() : 0;
}

const Record::Member* Record::begin() const {
  return members_ ? members_->data() : nullptr;
}

const Record::Member* Record::end() const {
  return members_ ? begin() + size() : nullptr;
}

const Value* Record::find(std::string_view name) const {
  if (size() <= kFewMembers) {
    for (const Member& member : *this)
      if (same_text(member.first, name)) return &member.second;
    return nullptr;
  }
  const Member* found = std::lower_bound(
      begin(), end(), name,
      [](const Member& member, std::string_view wanted) { return member.first < wanted; });
  return found != end() && found->first == name ? &found->second : nullptr;
}

bool operator==(const Record& a, const Record& b) {
  return a.members_ == b.members_ || std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::strong_ordering operator<=>(const Record& a, const Record& b) {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

std::string Value::type_name() const {
  constexpr std::array<std::string_view, 10> kNames{"bool",     "long",    "string",  "entity",
                                                    "set",      "record",  "decimal", "ipaddr",
                                                    "datetime", "duration"};
  static_assert(kNames.size() == std::variant_size_v<Variant>);
  if (const auto* uid = get<EntityUid>()) return "(entity of type `" + uid->type() + "`)";
  return std::string(kNames[data_.index()]);
}

}  // namespace cedar
