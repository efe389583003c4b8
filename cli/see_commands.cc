// vrm see, why, never: what the policies let brands read, and why.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/session.h"
#include "cli/sight_text.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"
#include "vault/base/clock.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string named(const json& document) {
  const auto name = text_at(document, "brand_name");
  return name.empty() ? text_at(document, "brand") : name;
}

// A length of time is ahead of now.
Result<std::string> at_text(const std::string& typed) {
  const auto length = duration_from_text(length_from_typed(typed));
  if (length.ok()) return to_rfc3339(SystemClock().now() + length.value());
  if (const auto at = moment_from_typed(typed)) return to_rfc3339(*at);
  return refusal(ErrorCode::Malformed, "why.bad_at", {{"at", typed}});
}

Result<std::string> why_path(const Session& session) {
  auto path = TRY(api::path_to(api::kBrands, session.argument(0), api::kWhy));
  path = api::with_query(path, "field", session.argument(1));
  if (const auto purpose = session.value("purpose"))
    path = api::with_query(path, "purpose", *purpose);
  if (const auto typed = session.value("at")) {
    const auto at = TRY(at_text(*typed));
    path = api::with_query(path, "at", at);
  }
  return path;
}

// What decided, in one line: the policies, or what else speaks against it.
std::string decided_text(const Screen& screen, const json& decision) {
  if (has_at(decision, "covers") && !flag_at(decision, "covers"))
    return screen.text("why.read_once");
  const auto policies = policies_text(list_at(decision, "policies"));
  if (flag_at(decision, "allowed")) return screen.text("why.allowed", {{"policies", policies}});
  const auto erring = policies_text(list_at(decision, "erring"));
  if (!erring.empty()) return screen.text("why.erred", {{"policies", erring}});
  const auto state = text_at(decision, "state");
  if (!state.empty() && state != "active")
    return screen.text("why.state", {{"state", screen.word("grant_state.", state)}});
  const bool is_grantable = !has_at(decision, "grantable") || flag_at(decision, "grantable");
  if (policies.empty())
    return screen.text(is_grantable ? "why.nothing_permits" : "why.ungrantable");
  return screen.text("why.forbidden", {{"policies", policies}});
}

void show_why(Screen& screen, const json& why) {
  const Gaps with = {{"brand", named(why)},
                     {"field", text_at(why, "field")},
                     {"when", screen.when(raw_at(why, "at"))}};
  screen.say(flag_at(why, "allowed") ? "why.yes" : "why.no", with);
  for (const auto& decision : list_at(why, "decisions"))
    screen.line("  " + screen.text("why.by_grant", {{"grant", text_at(decision, "grant")},
                                                    {"purpose", text_at(decision, "purpose")},
                                                    {"decided", decided_text(screen, decision)}}));
  if (list_at(why, "decisions").empty()) screen.say("why.no_grant", with);
  if (flag_at(why, "allowed") || !has_at(why, "if_given")) return;
  const auto& given = object_at(why, "if_given");
  screen.say("why.if_given",
             {{"purpose", text_at(given, "purpose")}, {"decided", decided_text(screen, given)}});
}

void show_never(Screen& screen, const json& never) {
  const auto& example = object_at(never, "example");
  const auto brand = text_at(example, "brand");
  const Gaps with = {{"field", text_at(never, "field")},
                     {"brand", brand},
                     {"trust", screen.word("brand_trust.", text_at(example, "trust"))},
                     {"purpose", text_at(example, "purpose")},
                     {"policies", policies_text(list_at(never, "policies"))},
                     {"by", policies_text(list_at(example, "policies"))}};
  if (!has_at(never, "never")) {
    screen.say("never.unsure", with);
  } else if (flag_at(never, "never")) {
    screen.say(list_at(never, "policies").empty() ? "never.yes_unpermitted" : "never.yes", with);
  } else {
    if (has_at(never, "example"))
      screen.say(brand.empty() ? "never.no_imagined" : "never.no", with);
  }
  const auto& open = list_at(never, "open_now");
  if (flag_at(never, "never") && open.empty()) return;
  if (!has_at(never, "open_now")) return screen.say("never.now_not_exact");
  screen.say(open.empty() ? "never.none_now" : "never.now", with);
  if (!open.empty()) screen.table(table_of_sights(screen, open, true));
}

}  // namespace

Result<void> run_see(Session& session) {
  const auto path = TRY(api::path_to(api::kBrands, session.argument(0), api::kSee));
  const auto sees = TRY(session.get(path));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(sees);
    return {};
  }
  const auto& items = list_at(sees, "items");
  screen.note(items.empty() ? "see.none" : "see.head", {{"brand", named(sees)}});
  if (!items.empty()) screen.table(table_of_sights(screen, items, false));
  return {};
}

Result<void> run_why(Session& session) {
  const auto path = TRY(why_path(session));
  const auto why = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(why);
  else
    show_why(session.screen(), why);
  return {};
}

Result<void> run_never(Session& session) {
  const auto path = TRY(api::path_to(api::kFields, session.argument(0), api::kNever));
  const auto never = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(never);
  else
    show_never(session.screen(), never);
  return {};
}

}  // namespace vrm::cli
