#pragma once
// A second Cedar evaluator, for tests: written from the specification alone, as simple as it can be, on the JSON forms.
//
// It shares no line with policies/cedar, so that what both get wrong must be wrong twice, apart. It takes JSON that
// policies/cedar has read already, and so checks no form. Speed does not matter.
//
// Source: docs.cedarpolicy.com/auth/authorization.html, /policies/syntax-operators.html, /policies/json-format.html.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "tests/cedar_random/second/value.h"

namespace cedar_second {

struct EntityData {
  std::map<std::string, Value> attributes;
  std::map<std::string, Value> tags;
  std::vector<Uid> parents;
};
using Store = std::map<Uid, EntityData>;

struct Request {
  Uid principal;
  Uid action;
  Uid resource;
  Value context;
};

struct Answer {
  bool allowed = false;
  std::set<std::string> reasons = {};  // ids of policies, as `errors` has them
  std::set<std::string> errors = {};
  friend bool operator==(const Answer&, const Answer&) = default;
};

// What came of an operator, or of the scope or a condition of a policy. An error counts where it arises.
struct Outcomes {
  std::size_t truths = 0;
  std::size_t falsehoods = 0;
  std::size_t others = 0;  // values that are no bool
  std::size_t errors = 0;
};
// By the name that JSON has for it; `is in`, `has path`, `in set`, `scope is in` and such are told apart.
using Reached = std::map<std::string, Outcomes>;

Store read_store(const nlohmann::json& entities);
// {"principal": UID, "action": UID, "resource": UID, "context": {...}}
Request read_request(const nlohmann::json& request);

// `policies` is {"staticPolicies", "templates", "templateLinks"}; `reached` may be null.
Answer authorize(const nlohmann::json& policies, const Store& store, const Request& request,
                 Reached* reached = nullptr);

}  // namespace cedar_second
