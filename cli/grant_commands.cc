// vrm grant, grants, revoke, confirm.

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/names.h"
#include "cli/session.h"
#include "cli/sight_text.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"
#include "vault/base/ascii.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kEveryGrant = "/v1/grants?all=1";

Result<void> show_one(Session& session, const std::string& id) {
  TRY(check_typed_id(session, id, kEveryGrant));
  const auto path = TRY(api::path_to(api::kGrants, id));
  const auto grant = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(grant);
  else
    show_grant(session.screen(), grant);
  return {};
}

bool can_be_taken_back(const json& grant) {
  const auto state = raw_at(grant, "state");
  return state != "revoked" && state != "given_back" && state != "expired" && state != "spent" &&
         state != "unused" && state != "order_ended";
}

bool is_suspended(const json& grant) {
  return raw_at(grant, "state") == "suspended";
}

void show_grants(Screen& screen, const json& grants) {
  Table table{
      {"head.id", "head.brand", "head.what", "head.for", "head.ends", "head.reads", "head.state"},
      {}};
  for (const auto& grant : list_at(grants, "items"))
    table.rows.push_back({text_at(grant, "id"), text_at(grant, "brand"),
                          joined(given_texts(screen, grant, "fields")), text_at(grant, "purpose"),
                          screen.when(raw_at(grant, "expires_at")), reads_text(grant),
                          screen.word("grant_state.", text_at(grant, "state"))});
  if (table.rows.empty()) return screen.note("grants.none");
  screen.table(table);
  const auto& items = list_at(grants, "items");
  if (std::any_of(items.begin(), items.end(), is_suspended)) screen.note("grants.suspended");
  for (const auto& grant : items) {
    if (!can_be_taken_back(grant)) continue;
    return screen.note("grants.next", {{"id", text_at(grant, "id")}});
  }
}

// A brand's name where a grant's id is wanted.
Result<void> refuse_brands(Session& session, const std::string& verb) {
  for (const auto& typed : session.arguments()) {
    if (typed.starts_with("gr_")) continue;
    const auto brands = session.get(std::string(api::kBrands));
    if (!brands.ok())
      return {};  // as while locked: then it is no grant's id, and is refused as such
    for (const auto& brand : list_at(brands.value(), "items"))
      if (same_but_case(raw_at(brand, "brand"), typed) ||
          same_but_case(raw_at(brand, "name"), typed))
        return refusal(ErrorCode::Malformed, "grant.is_brand",
                       {{"typed", typed}, {"verb", verb}, {"brand", text_at(brand, "brand")}});
  }
  return {};
}

struct Verb {
  std::string name;
  std::string usage;
  std::string ask;                      // asked first for --all
  bool (*concerns)(const json& grant);  // of which grants it is asked
};

// Where the daemon tells (it does not while locked) whether there is any grant that it concerns.
bool concerns_none(Session& session, const Verb& verb) {
  const auto grants = session.get(std::string(kEveryGrant));
  if (!grants.ok()) return false;
  const auto& items = list_at(grants.value(), "items");
  return std::none_of(items.begin(), items.end(), verb.concerns);
}

// Exactly one of: ids, --brand, --all, which is asked about when there is something to ask.
Result<json> which_grants(Session& session, const Verb& verb) {
  const bool ids = !session.arguments().empty();
  const auto brand = session.value("brand");
  const bool all = session.has("all");
  if ((ids ? 1 : 0) + (brand ? 1 : 0) + (all ? 1 : 0) != 1)
    return refusal(ErrorCode::Malformed, verb.usage);
  if (brand) return json{{"brand", *brand}};
  TRY(refuse_brands(session, verb.name));
  for (const auto& id : session.arguments()) TRY(check_typed_id(session, id, api::kGrants));
  if (ids) return json{{"ids", session.arguments()}};
  if (!session.settings().yes && !concerns_none(session, verb)) TRY(session.confirm(verb.ask, {}));
  return json{{"all", true}};
}

// A decision that stands gives again what was just taken back: each is told once.
void note_rules(Screen& screen, const json& revoked) {
  std::map<std::string, std::string> brands;
  for (const auto& item : list_at(revoked, "items"))
    for (const auto& rule : texts_at(item, "rules")) brands.emplace(rule, text_at(item, "brand"));
  for (const auto& [rule, brand] : brands)
    screen.note("revoke.rule_stands", {{"rule", rule}, {"brand", brand}});
}

void show_revoked(Screen& screen, const json& revoked) {
  for (const auto& item : list_at(revoked, "items")) {
    Gaps with = {{"id", text_at(item, "id")},
                 {"brand", text_at(item, "brand")},
                 {"fields", joined(texts_at(item, "fields"))},
                 {"reads", screen.count("count.reads", number_at(item, "reads"))},
                 {"when", screen.when(raw_at(item, "last_read_at"))}};
    const bool was_read = number_at(item, "reads") > 0;
    if (flag_at(item, "already"))
      screen.say("revoke.already", with);
    else if (has_at(item, "fields"))
      screen.say(was_read ? "revoke.was_read" : "revoke.never_read", with);
    else  // the vault is locked
      screen.say(was_read ? "revoke.locked_was_read" : "revoke.locked_never_read", with);
  }
  note_rules(screen, revoked);
}

}  // namespace

Result<void> run_grant(Session& session) {
  const auto purpose = session.value("purpose");
  if (!purpose) return refusal(ErrorCode::Malformed, "usage.purpose");
  const auto& words = session.arguments();
  json body = {{"brand", words[0]}, {"purpose", *purpose}};
  TRY(add_terms(session, body));
  TRY(add_forms(session, body));
  const auto catalogue = TRY(session.get(std::string(api::kCatalogue)));
  std::vector<std::string> fields;  // a word each, or with commas as in `--only`
  for (std::size_t i = 1; i < words.size(); ++i)
    for (auto& field : fields_from(words[i])) fields.push_back(std::move(field));
  body["fields"] = TRY(granted_names(session, catalogue, fields));
  if (session.has("dry-run")) return show_preview(session, std::string(api::kGrants), body);
  const auto grant = TRY(session.post(std::string(api::kGrants), body));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(grant);
    return {};
  }
  show_grant(screen, grant);
  show_lets_see(screen, grant);
  if (const auto id = text_at(grant, "auth_req_id"); !id.empty())
    screen.say("grant.hand_over", {{"brand", text_at(grant, "brand")}, {"auth_req_id", id}});
  if (!session.settings().quiet) screen.say("grant.take_back", {{"id", text_at(grant, "id")}});
  note_shortfalls(screen, grant);
  return {};
}

Result<void> run_grants(Session& session) {
  if (!session.arguments().empty()) {
    TRY(refuse_brands(session, "grants"));
    return show_one(session, session.argument(0));
  }
  std::string path(api::kGrants);
  if (const auto brand = session.value("brand")) path = api::with_query(path, "brand", *brand);
  if (session.has("all")) path = api::with_query(path, "all", "1");
  const auto grants = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(grants);
  else
    show_grants(session.screen(), grants);
  return {};
}

Result<void> run_revoke(Session& session) {
  const auto what =
      TRY(which_grants(session, {"revoke", "usage.revoke", "ask.revoke_all", can_be_taken_back}));
  const auto revoked = TRY(session.post(std::string(api::kRevoke), what));
  if (session.settings().json)
    session.screen().document(revoked);
  else if (list_at(revoked, "items").empty())
    session.screen().note("revoke.nothing");
  else if (!session.settings().quiet)
    show_revoked(session.screen(), revoked);
  return {};
}

Result<void> run_confirm(Session& session) {
  const auto what =
      TRY(which_grants(session, {"confirm", "usage.confirm", "ask.confirm_all", is_suspended}));
  const auto confirmed = TRY(session.post(std::string(api::kConfirm), what));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(confirmed);
    return {};
  }
  if (list_at(confirmed, "items").empty()) screen.note("confirm.nothing");
  for (const auto& item : list_at(confirmed, "items"))
    screen.say(flag_at(item, "already") ? "confirm.already" : "confirm.done",
               {{"id", text_at(item, "id")},
                {"brand", text_at(item, "brand")},
                {"fields", joined(texts_at(item, "fields"))}});
  if (const auto left = number_at(confirmed, "suspended"); left > 0)
    screen.note("confirm.left", {{"grants", screen.count("count.grants_suspended", left)}});
  return {};
}

}  // namespace vrm::cli
