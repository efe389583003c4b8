#include "vault/gate/sight.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "vault/gate/documents.h"
#include "vault/gate/orders.h"
#include "vault/gate/policy_world.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

// Every field that a brand could ask for by name and get something of: known ones, the owner's own, and those granted.
std::vector<std::string> all_names(const Rooms& rooms, const Knowledge& knowledge,
                                   std::span<const grants::Grant> made) {
  std::set<std::string> names;
  for (const auto& field : knowledge.catalogue.all()) names.insert(field.name);
  for (const auto& field : rooms.profile.list("")) names.insert(field.name);
  for (const auto& document : rooms.documents.all()) names.insert(document->name);
  for (const auto& grant : rooms.grants.list())
    names.insert(grant->fields.begin(), grant->fields.end());
  for (const auto& grant : made) names.insert(grant.fields.begin(), grant.fields.end());
  return {names.begin(), names.end()};
}

// HH:MM, with seconds where there are some.
std::string clock_text(std::int64_t ms) {
  const auto seconds = ms / 1000;
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60));
  std::string clock(text);
  if (seconds % 60 == 0) return clock;
  std::snprintf(text, sizeof text, ":%02d", static_cast<int>(seconds % 60));
  return clock + text;
}

json times_of_day(const cedar::Extent& when) {
  if (!when.time_of_day) return nullptr;
  const std::int64_t end = when.time_of_day->last + 1;
  return {{"from", clock_text(when.time_of_day->first)},
          {"until", end == cedar::kDayMs ? "24:00" : clock_text(end)}};
}

json reads_document(const Opening& opening) {
  json reads = {{"after", std::max<std::int64_t>(opening.reads.first - opening.reads_so_far, 0)},
                {"left", nullptr}};
  if (opening.once)
    reads["left"] = 1;
  else if (opening.reads.last != kEndless)
    reads["left"] = opening.reads.last - std::max(opening.reads.first, opening.reads_so_far) + 1;
  return reads;
}

// Purposes by how much of the tree under them is open.
struct Breadth {
  std::vector<std::string> whole;   // words: open, as all that are under them, which are not listed
  std::vector<std::string> itself;  // words: open, while something under them is not
};

Breadth breadth_of(const std::vector<std::string>& open, const grants::Purposes& purposes) {
  std::set<std::string> whole(open.begin(), open.end());
  const auto& all = purposes.all();  // each behind its parent
  for (auto purpose = all.rbegin(); purpose != all.rend(); ++purpose)
    if (!whole.contains(purpose->dpv)) whole.erase(purpose->parent);
  Breadth breadth;
  for (const auto& dpv : open) {
    const auto* purpose = purposes.find(dpv);
    if (purpose == nullptr)
      breadth.whole.push_back(dpv);
    else if (!whole.contains(dpv))
      breadth.itself.push_back(purpose->word);
    else if (!whole.contains(purpose->parent))
      breadth.whole.push_back(purpose->word);
  }
  return breadth;
}

std::vector<std::string> words_of(const std::vector<std::string>& open,
                                  const grants::Purposes& purposes) {
  std::vector<std::string> words;
  for (const auto& dpv : open) {
    const auto* purpose = purposes.find(dpv);
    words.push_back(purpose == nullptr ? dpv : purpose->word);
  }
  return words;
}

json item_of(const Opening& opening, const std::vector<std::string>& open,
             const grants::Purposes& purposes, Instant now) {
  const auto& values = opening.when.values;
  const Breadth breadth = breadth_of(open, purposes);
  json item = {{"brand", opening.brand},
               {"field", opening.field},
               {"for", breadth.whole},
               {"for_itself", breadth.itself},
               {"purposes", words_of(open, purposes)},
               {"grant", opening.grant},
               {"from", nullptr},
               {"until", nullptr},
               {"times_of_day", times_of_day(opening.when)},
               {"reads", reads_document(opening)},
               {"policies", opening.reasons}};
  if (values.first > now.ms) item["from"] = in_seconds({values.first});
  if (values.last != kEndless) item["until"] = in_seconds({values.last + 1});
  return item;
}

struct Denied {
  std::string field;
  std::vector<std::string> policies;
};

// The fields of a grant that no opening has, with what forbids them for the grant's own purpose.
std::vector<Denied> stays_closed(const Rules& rules, const brands::Brand& brand,
                                 const grants::Grant& grant, const std::vector<Opening>& openings,
                                 Instant now) {
  std::vector<Denied> all;
  grants::Grant then = grant;
  then.stored = grants::Stored::Active;
  for (const auto& field : grant.fields) {
    const bool is_open = std::any_of(openings.begin(), openings.end(), [&](const auto& opening) {
      return opening.field == field && opening.grant == grant.id.text;
    });
    if (is_open) continue;
    auto decision = rules.decide({brand, &then, field, grant.purpose, now});
    auto policies = std::move(decision.reasons);
    policies.insert(policies.end(), decision.errors.begin(), decision.errors.end());
    all.push_back({field, std::move(policies)});
  }
  return all;
}

json why_not_exact(const Error& error) {
  return {{"exact", false}, {"why", error.message}};
}

}  // namespace

Result<std::vector<Opening>> openings_now(const Rooms& rooms, const Knowledge& knowledge,
                                          const PolicyGround& ground, std::string_view brand,
                                          Instant now) {
  const Exposure exposure(ground, knowledge.purposes, all_names(rooms, knowledge, {}));
  std::vector<Opening> all;
  for (const auto& grant : rooms.grants.list()) {
    if (!brand.empty() && grant->brand != brand) continue;
    const auto holder = rooms.brands.find(grant->brand);
    if (holder == nullptr || !is_order_open(rooms, *grant)) continue;
    auto openings = exposure.of(*holder, *grant, now);
    if (!openings.ok()) return openings.error();
    for (auto& opening : openings.value()) all.push_back(std::move(opening));
  }
  return all;
}

json openings_document(const std::vector<Opening>& openings, const grants::Purposes& purposes,
                       Instant now) {
  using Row = std::tuple<std::string, std::string, std::string, cedar::Extent, cedar::Span,
                         std::vector<std::string>>;
  std::map<Row, std::pair<const Opening*, std::vector<std::string>>> rows;
  for (const auto& opening : openings) {
    auto& [first, open] = rows[Row(opening.brand, opening.field, opening.grant, opening.when,
                                   opening.reads, opening.reasons)];
    if (open.empty()) first = &opening;
    open.push_back(opening.purpose);
  }
  json items = json::array();
  for (const auto& [row, found] : rows)
    items.push_back(item_of(*found.first, found.second, purposes, now));
  return items;
}

json lets_see(const Rooms& rooms, const Knowledge& knowledge, const Rules* rules,
              const brands::Brand& brand, std::span<const grants::Grant> made, Instant now) {
  if (rules == nullptr) return {{"exact", false}, {"why", nullptr}};
  const Exposure exposure(rules->ground(), knowledge.purposes, all_names(rooms, knowledge, made));
  std::vector<Opening> all;
  json closed = json::array();
  for (const auto& grant : made) {
    const auto openings = exposure.of(brand, grant, now);
    if (!openings.ok()) return why_not_exact(openings.error());
    for (const auto& denied : stays_closed(*rules, brand, grant, openings.value(), now))
      closed.push_back({{"field", denied.field},
                        {"policies", policies_document(rules->ground(), denied.policies)}});
    all.insert(all.end(), openings.value().begin(), openings.value().end());
  }
  // The grants are new, so that nothing of theirs is open before.
  return {{"exact", true},
          {"items", openings_document(newly_open({}, all), knowledge.purposes, now)},
          {"closed", std::move(closed)}};
}

json change_of_sight(const Rooms& rooms, const Knowledge& knowledge, const Rules* before,
                     const Rules* after, Instant now) {
  const auto all_open = [&](const Rules* rules) -> Result<std::vector<Opening>> {
    if (rules == nullptr) return std::vector<Opening>();
    return openings_now(rooms, knowledge, rules->ground(), "", now);
  };
  const auto was = all_open(before);
  if (!was.ok()) return why_not_exact(was.error());
  const auto is = all_open(after);
  if (!is.ok()) return why_not_exact(is.error());
  const auto& purposes = knowledge.purposes;
  return {{"exact", true},
          {"opens", openings_document(newly_open(was.value(), is.value()), purposes, now)},
          {"closes", openings_document(newly_open(is.value(), was.value()), purposes, now)}};
}

json policies_document(const PolicyGround& ground, std::span<const std::string> ids) {
  json all = json::array();
  for (const auto& id : ids) {
    const cedar::Policy* policy = ground.policies.find_policy(id);
    if (policy == nullptr) continue;
    const bool permits = policy->body->effect == cedar::Effect::Permit;
    all.push_back({{"id", id},
                   {"effect", permits ? "permit" : "forbid"},
                   {"reason", cedar::find_annotation(*policy->body, "reason").value_or("")}});
  }
  return all;
}

}  // namespace vrm::gate
