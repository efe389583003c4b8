#include "cli/sight_text.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string terms_text_of(const Screen& screen, const json& item) {
  std::vector<std::string> terms = {open_for_text(screen, item)};
  if (const auto when = open_when_text(screen, item); !when.empty()) terms.push_back(when);
  if (const auto left = reads_left_text(screen, item); !left.empty())
    terms.push_back(screen.text("see.reads", {{"reads", left}}));
  return joined(terms);
}

}  // namespace

std::string open_for_text(const Screen& screen, const json& item) {
  auto purposes = texts_at(item, "for");
  for (const auto& word : texts_at(item, "for_itself"))
    purposes.push_back(screen.text("see.itself", {{"purpose", word}}));
  return joined(purposes);
}

std::string open_when_text(const Screen& screen, const json& item) {
  std::vector<std::string> parts;
  if (has_at(item, "from"))
    parts.push_back(screen.text("see.from", {{"when", screen.when(raw_at(item, "from"))}}));
  if (has_at(item, "until"))
    parts.push_back(screen.text("see.until", {{"when", screen.when(raw_at(item, "until"))}}));
  if (has_at(item, "times_of_day")) {
    const auto& times = object_at(item, "times_of_day");
    parts.push_back(screen.text(
        "see.times", {{"from", text_at(times, "from")}, {"until", text_at(times, "until")}}));
  }
  return joined(parts, " ");
}

std::string reads_left_text(const Screen& screen, const json& item) {
  const auto& reads = object_at(item, "reads");
  const auto after = number_at(reads, "after");
  const auto left =
      has_at(reads, "left") ? std::to_string(number_at(reads, "left")) : std::string();
  if (after == 0) return left;
  return screen.text(left.empty() ? "see.endless_after" : "see.left_after",
                     {{"left", left}, {"after", std::to_string(after)}});
}

std::string policies_text(const json& policies) {
  std::vector<std::string> texts;
  for (const auto& policy : policies) {
    const auto reason = text_at(policy, "reason");
    texts.push_back(reason.empty() ? text_at(policy, "id")
                                   : text_at(policy, "id") + " (" + reason + ")");
  }
  return joined(texts);
}

Table table_of_sights(const Screen& screen, const json& items, bool with_brand) {
  Table table{{"head.field", "head.for", "head.when", "head.left", "head.grant"}, {}};
  if (with_brand) table.headings.insert(table.headings.begin(), "head.brand");
  for (const auto& item : items) {
    std::vector<std::string> row = {text_at(item, "field"), open_for_text(screen, item),
                                    open_when_text(screen, item), reads_left_text(screen, item),
                                    text_at(item, "grant")};
    if (with_brand) row.insert(row.begin(), text_at(item, "brand"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void show_changes(Screen& screen, const json& document) {
  if (!has_at(document, "changes")) return;
  const auto& changes = object_at(document, "changes");
  if (!flag_at(changes, "exact"))
    return screen.say("policy.changes_not_exact", {{"why", text_at(changes, "why")}});
  const auto& opens = list_at(changes, "opens");
  const auto& closes = list_at(changes, "closes");
  if (opens.empty() && closes.empty()) screen.say("policy.changes_nothing");
  if (!opens.empty()) {
    screen.say("policy.opens");
    screen.table(table_of_sights(screen, opens, true));
  }
  if (!closes.empty()) {
    screen.say("policy.closes");
    screen.table(table_of_sights(screen, closes, true));
  }
}

bool may_open(const json& document) {
  if (!has_at(document, "changes")) return false;
  const auto& changes = object_at(document, "changes");
  return !flag_at(changes, "exact") || !list_at(changes, "opens").empty();
}

void show_lets_see(Screen& screen, const json& document) {
  if (!has_at(document, "lets_see")) return;
  constexpr std::size_t kField = 4;
  const auto& sees = object_at(document, "lets_see");
  const auto name = text_at(document, "brand_name");
  const Gaps with = {{"brand", name.empty() ? text_at(document, "brand") : name},
                     {"why", text_at(sees, "why")}};
  if (!flag_at(sees, "exact"))
    return screen.say(has_at(sees, "why") ? "see.lets_not_exact" : "see.lets_unruled", with);
  const auto& items = list_at(sees, "items");
  screen.say(items.empty() ? "see.lets_nothing" : "see.lets", with);
  for (const auto& item : items)
    screen.labelled("", kField, text_at(item, "field") + ": " + terms_text_of(screen, item));
  for (const auto& item : list_at(sees, "closed")) {
    const auto why = policies_text(list_at(item, "policies"));
    screen.say(why.empty() ? "see.closed" : "see.closed_by",
               {{"field", text_at(item, "field")}, {"why", why}});
  }
}

}  // namespace vrm::cli
