#include "policies/cedar/policy_index.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "policies/cedar/authorizer.h"

using namespace cedar;  // tests only

namespace {

constexpr int kKinds = 12;

std::string uid_text(const std::string& type, std::uint64_t number) {
  return type + "::\"" + std::to_string(number) + "\"";
}

// A scope constraint on `name`: any, ==, in, is, is in; of few entities, so that they meet.
std::string drawn_constraint(std::mt19937& draw, const std::string& name, const std::string& type,
                             const std::string& group) {
  const std::string one = uid_text(type, draw() % kKinds);
  const std::string of = uid_text(group, draw() % kKinds);
  switch (draw() % 6) {
    case 0:
      return name;
    case 1:
      return name + " == " + one;
    case 2:
      return name + " in " + of;
    case 3:
      return name + " in " + one;
    case 4:
      return name + " is " + type;
    default:
      return name + " is " + type + " in " + of;
  }
}

std::string drawn_policy(std::mt19937& draw) {
  return std::string(draw() % 3 == 0 ? "forbid" : "permit") + " (" +
         drawn_constraint(draw, "principal", "User", "Group") + ", action, " +
         drawn_constraint(draw, "resource", "File", "Folder") + ");";
}

// Users in groups in groups, files in folders in folders; some entities are missing.
Entities drawn_store(std::mt19937& draw) {
  std::vector<Entity> entities;
  const auto add = [&](const std::string& type, const std::string& group, int from) {
    for (int i = 0; i < kKinds; ++i) {
      if (draw() % 5 == 0) continue;
      Entity entity{.uid = EntityUid(type, std::to_string(i))};
      for (std::uint64_t n = draw() % 3; n > 0; --n) {
        const int parent =
            from < 0 ? i + 1 + static_cast<int>(draw() % 3) : static_cast<int>(draw() % kKinds);
        if (parent < kKinds) entity.parents.emplace_back(group, std::to_string(parent));
      }
      entities.push_back(std::move(entity));
    }
  };
  add("User", "Group", 0);
  add("File", "Folder", 0);
  add("Group", "Group", -1);
  add("Folder", "Folder", -1);
  return Entities::make(std::move(entities)).value();
}

// What is_authorized() must say: every policy looked at.
std::vector<std::string> satisfied_of(const Request& request, const PolicySet& set,
                                      const Entities& entities, Effect effect) {
  Evaluator evaluator(request, entities);
  std::vector<std::string> ids;
  for (const Policy& policy : set.policies())
    if (policy.body->effect == effect && std::get<bool>(evaluator.satisfied(policy)))
      ids.push_back(policy.id);
  return ids;
}

void check_all_requests(const PolicySet& set, const Entities& entities) {
  for (int user = 0; user < kKinds; ++user)
    for (int file = 0; file < kKinds; ++file) {
      const Request request{EntityUid("User", std::to_string(user)), EntityUid("Action", "read"),
                            EntityUid("File", std::to_string(file))};
      const auto forbids = satisfied_of(request, set, entities, Effect::Forbid);
      const auto permits = satisfied_of(request, set, entities, Effect::Permit);
      const auto answer = is_authorized(request, set, entities);
      REQUIRE(answer.reasons == (forbids.empty() ? permits : forbids));
      REQUIRE((answer.decision == Decision::Allow) == (forbids.empty() && !permits.empty()));
    }
}

}  // namespace

TEST_SUITE("cedar/policy_index") {
  TEST_CASE(
      "what is looked up by scope decides as if every policy were looked at, also after some "
      "went") {
    for (unsigned seed = 0; seed < 8; ++seed) {
      CAPTURE(seed);
      std::mt19937 draw(seed);
      const Entities entities = drawn_store(draw);
      PolicySet set;
      REQUIRE(
          set.add("t", "permit (principal in ?principal, action, resource == ?resource);").ok());
      for (int i = 0; i < 120; ++i)
        REQUIRE(set.add("p" + std::to_string(i), drawn_policy(draw)).ok());
      for (int i = 0; i < 20; ++i) {
        const SlotValues slots{.principal = EntityUid("Group", std::to_string(draw() % kKinds)),
                               .resource = EntityUid("File", std::to_string(draw() % kKinds))};
        REQUIRE(set.link("t", "l" + std::to_string(i), slots).ok());
      }
      check_all_requests(set, entities);
      for (int i = 0; i < 120; i += 3) REQUIRE(set.remove("p" + std::to_string(i)).ok());
      for (int i = 0; i < 20; i += 2) REQUIRE(set.remove("l" + std::to_string(i)).ok());
      REQUIRE(set.find_policy("p1")->id == "p1");
      REQUIRE(set.find_policy("p3") == nullptr);
      check_all_requests(set, entities);
      REQUIRE(set.add("p3", drawn_policy(draw)).ok());
      check_all_requests(set, entities);
    }
  }

  TEST_CASE("a policy about somebody else is not looked at") {
    PolicySet set;
    for (int i = 0; i < 100; ++i)
      REQUIRE(set.add(std::to_string(i),
                      "permit (principal == " + uid_text("User", static_cast<std::uint64_t>(i)) +
                          ", action, resource);")
                  .ok());
    const Request request{EntityUid("User", "7"), EntityUid("Action", "read"),
                          EntityUid("File", "1")};
    const auto candidates = set.index().candidates(request, Entities());
    CHECK(std::vector<std::uint32_t>(candidates.begin(), candidates.end()) ==
          std::vector<std::uint32_t>{7});
  }

  TEST_CASE("a set that is copied keeps its own places") {
    PolicySet set = PolicySet::parse("permit (principal, action, resource);").value();
    PolicySet other = set;
    REQUIRE(other.remove("policy0").ok());
    const Request request{EntityUid("User", "7"), EntityUid("Action", "read"),
                          EntityUid("File", "1")};
    CHECK(is_authorized(request, set, Entities()).decision == Decision::Allow);
    CHECK(is_authorized(request, other, Entities()).decision == Decision::Deny);
  }
}
