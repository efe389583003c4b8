// vrm rule list, rule show, rule remove: decisions that stand for the next time.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/session.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string name_of(const json& rule) {
  const auto name = text_at(rule, "brand_name");
  return name.empty() ? text_at(rule, "brand") : name;
}

// A whole number of days or hours where it is one: "30d", "12h", "90s".
std::string length_text(std::int64_t seconds) {
  constexpr std::int64_t kDay = 86400;
  constexpr std::int64_t kHour = 3600;
  if (seconds % kDay == 0) return std::to_string(seconds / kDay) + "d";
  if (seconds % kHour == 0) return std::to_string(seconds / kHour) + "h";
  return std::to_string(seconds) + "s";
}

void show_rule(Screen& screen, const json& rule) {
  screen.line(
      screen.text("rule.head", {{"id", text_at(rule, "id")},
                                {"name", name_of(rule)},
                                {"says", screen.word("rule_says.", text_at(rule, "says"))}}));
  screen.detail("rule.decided", joined(texts_at(rule, "decided")));
  screen.detail("grant.purpose", purpose_text(screen, rule));
  if (raw_at(rule, "says") == "approve") {
    screen.detail("terms.under", accepted_terms_text(screen, rule));
    screen.detail("rule.gives", joined(texts_at(rule, "gives")));
    screen.detail("rule.life", length_text(number_at(rule, "for_s")));
    if (has_at(rule, "max_reads"))
      screen.detail("rule.reads", screen.count("count.most_reads", number_at(rule, "max_reads")));
    if (const auto days = number_at(rule, "retention_days"); days > 0)
      screen.detail("rule.keeps", screen.count("count.kept_days", days));
    screen.detail(
        "grant.while_locked",
        screen.text(flag_at(rule, "served_while_locked") ? "grant.served" : "grant.not_served"));
  }
  screen.detail("rule.made", screen.when(raw_at(rule, "made_at")));
  screen.detail("rule.used", std::to_string(number_at(rule, "answered")));
  screen.say("rule.asks_first", {{"id", text_at(rule, "id")}});
}

}  // namespace

Result<void> run_rule_list(Session& session) {
  std::string path(api::kRules);
  if (const auto brand = session.value("brand")) path = api::with_query(path, "brand", *brand);
  const auto rules = TRY(session.get(path));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(rules);
    return {};
  }
  Table table{{"head.id", "head.brand", "head.says", "head.what", "head.for"}, {}};
  for (const auto& rule : list_at(rules, "items"))
    table.rows.push_back(
        {text_at(rule, "id"), text_at(rule, "brand"),
         screen.word("rule_says.", text_at(rule, "says")),
         joined(texts_at(rule, raw_at(rule, "says") == "approve" ? "gives" : "decided")),
         text_at(rule, "purpose")});
  if (table.rows.empty())
    screen.note("rule.none");
  else
    screen.table(table);
  return {};
}

Result<void> run_rule_show(Session& session) {
  TRY(check_typed_id(session, session.argument(0), api::kRules));
  const auto path = TRY(api::path_to(api::kRules, session.argument(0)));
  const auto rule = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(rule);
  else
    show_rule(session.screen(), rule);
  return {};
}

Result<void> run_rule_remove(Session& session) {
  json removed = json::array();
  for (const auto& typed : session.arguments()) {
    TRY(check_typed_id(session, typed, api::kRules));
    const auto path = TRY(api::path_to(api::kRules, typed));
    const auto rule = TRY(session.send({"DELETE", path}));
    if (!session.settings().json && !session.settings().quiet)
      session.screen().say("rule.removed", {{"id", text_at(rule, "id")},
                                            {"name", name_of(rule)},
                                            {"brand", text_at(rule, "brand")}});
    removed.push_back(rule);
  }
  if (session.settings().json)
    session.screen().document({{"schema", "vrm.rules/1"}, {"items", std::move(removed)}});
  return {};
}

}  // namespace vrm::cli
