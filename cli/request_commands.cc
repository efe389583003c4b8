// vrm request list, request show, approve, deny.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/names.h"
#include "cli/session.h"
#include "cli/sight_text.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kAskedColumn = 30;

std::string quoted(const Screen& screen, const std::string& text) {
  return screen.text("request.quoted", {{"text", text}});
}

std::string brand_name(const json& request) {
  const auto& brand = object_at(request, "brand");
  const auto name = text_at(brand, "name");
  return name.empty() ? text_at(brand, "brand") : name;
}

enum class Values { Masked, Shown };

bool hides(const json& item, Values values) {
  return values == Values::Masked && flag_at(item, "sensitive") && flag_at(item, "have");
}

std::string value_text(const Screen& screen, const json& item, Values values) {
  if (!flag_at(item, "have")) return screen.text("request.not_there");
  return hides(item, values) ? std::string(kMask) : text_at(item, "value");
}

void show_asked(Screen& screen, const json& item, std::string_view label, Values values) {
  constexpr std::size_t kLabel = 13;
  const auto value = value_text(screen, item, values);
  screen.labelled("  " + screen.text(label), kLabel,
                  padded(text_at(item, "field"), kAskedColumn) + "  " + value);
  if (flag_at(item, "unusual")) screen.labelled("", kLabel, screen.text("request.unusual"));
  if (flag_at(item, "unregistered"))
    screen.labelled("", kLabel, screen.text("request.unregistered"));
}

std::string limits_text(const Screen& screen, const json& request) {
  auto text = screen.when(raw_at(request, "until"));
  if (has_at(request, "max_reads"))
    text += ", " + screen.count("count.most_reads", number_at(request, "max_reads"));
  if (number_at(request, "retention_days") > 0)
    text += ", " + screen.count("count.kept_days", number_at(request, "retention_days"));
  return text;
}

// What the brand wrote itself is quoted, so that nobody takes it for our words.
void show_own_words(Screen& screen, const json& request) {
  std::vector<std::string> said;
  for (const auto* name : {"reason", "binding_message"})
    if (const auto text = text_at(request, name); !text.empty())
      said.push_back(quoted(screen, text));
  if (!said.empty()) screen.line(screen.text("request.they_say", {{"text", joined(said, " ")}}));
}

// Others do not ask it for this purpose, or the brand's own document does not say that it does.
bool is_marked(const json& item) {
  return flag_at(item, "unusual") || flag_at(item, "unregistered");
}

// The first that is there and that nothing speaks against, for an example; "" when there is none.
std::string suggested(const json& items) {
  for (const auto& item : items)
    if (flag_at(item, "have") && !is_marked(item)) return text_at(item, "field");
  return "";
}

void show_next(Screen& screen, const json& request) {
  const auto id = text_at(request, "id");
  const auto state = raw_at(request, "state");
  if (const auto rule = text_at(request, "rule"); !rule.empty())
    screen.say("request.by_rule", {{"rule", rule}});
  if (state == "approved")
    return screen.say("request.given", {{"fields", joined(given_texts(screen, request, "given"))},
                                        {"grant", text_at(request, "grant")}});
  if (state != "pending")
    return screen.line("  " + screen.word("request_ended.", text_at(request, "state")));
  const auto& optional = list_at(request, "optional");
  const auto also = suggested(optional);
  if (!also.empty()) return screen.say("request.next_optional", {{"id", id}, {"field", also}});
  if (!optional.empty()) return screen.say("request.next_needed", {{"id", id}});
  const auto& needed = list_at(request, "needed");
  if (needed.size() < 2) return screen.say("request.next", {{"id", id}});
  const auto only = suggested(needed);
  screen.say("request.next_several",
             {{"id", id}, {"field", only.empty() ? text_at(needed[0], "field") : only}});
}

bool hides_some(const json& request, Values values) {
  for (const auto* list : {"needed", "optional"})
    for (const auto& item : list_at(request, list))
      if (hides(item, values)) return true;
  return false;
}

// What the owner should know of who asks, before they give.
void show_trust(Screen& screen, const json& brand) {
  const auto trust = text_at(brand, "trust");
  if (trust.empty() || trust == "known" || trust == "trusted") return;
  screen.line("  " + screen.text("request.trust", {{"trust", screen.word("brand_trust.", trust)},
                                                   {"brand", text_at(brand, "brand")}}));
}

void show_request(Screen& screen, const json& request, Values values) {
  const auto& brand = object_at(request, "brand");
  const auto things = list_at(request, "needed").size() + list_at(request, "optional").size();
  screen.line(screen.text(
      "request.head", {{"name", brand_name(request)},
                       {"things", screen.count("count.things", static_cast<std::int64_t>(things))},
                       {"id", text_at(request, "id")}}));
  screen.line(screen.text("request.known", {{"since", screen.when(raw_at(brand, "known_since"))},
                                            {"key", text_at(brand, "fingerprint")},
                                            {"domain", text_at(brand, "domain")}}));
  show_trust(screen, brand);
  screen.line(screen.text("request.for", {{"purpose", purpose_text(screen, request)}}));
  screen.line(screen.text("request.until", {{"until", limits_text(screen, request)}}));
  if (const auto terms = accepted_terms_text(screen, request); !terms.empty())
    screen.line(
        screen.text("request.terms",
                    {{"terms", terms}, {"says", terms_said(screen, object_at(request, "terms"))}}));
  for (const auto& over : over_asking_texts(screen, request)) screen.line("  " + over);
  show_own_words(screen, request);
  screen.line("");
  for (const auto& item : list_at(request, "needed"))
    show_asked(screen, item, "request.needed", values);
  for (const auto& item : list_at(request, "optional"))
    show_asked(screen, item, "request.optional", values);
  screen.line("");
  show_next(screen, request);
  if (hides_some(request, values)) screen.note("request.hidden", {{"id", text_at(request, "id")}});
}

std::string for_text(const json& request) {
  const bool is_over =
      flag_at(request, "unregistered_purpose") || flag_at(request, "unregistered_retention");
  return (is_over ? "! " : "") + text_at(request, "purpose");
}

std::string asked_text(const json& request) {
  std::vector<std::string> fields;
  for (const auto* list : {"needed", "optional"})
    for (const auto& item : list_at(request, list))
      fields.push_back((is_marked(item) ? "! " : "") + text_at(item, "field"));
  return joined(fields);
}

std::string state_text_of(const Screen& screen, const json& request) {
  const bool waits_muted = flag_at(request, "muted") && raw_at(request, "state") == "pending";
  return screen.word("request_state.", waits_muted ? "muted" : text_at(request, "state"));
}

// What approving with this body gives: what is named or else what is needed, what is given besides, and claims in the
// place of fields.
std::vector<std::string> given_by(const json& request, const json& body) {
  auto fields = texts_at(body, "only");
  if (fields.empty())
    for (const auto& item : list_at(request, "needed")) fields.push_back(text_at(item, "field"));
  for (const auto& field : texts_at(body, "also")) fields.push_back(field);
  const auto& coarse = object_at(body, "coarse");
  for (auto& field : fields)
    if (const auto claim = text_at(coarse, field.c_str()); !claim.empty()) field = claim;
  return fields;
}

// Before the question: what the grant would let the brand see. Nothing where nobody is asked, or a program reads what is said.
Result<void> show_first(Session& session, const std::string& approve, const json& body) {
  if (session.settings().yes || session.settings().json) return {};
  TRY(session.asks());
  const auto grant = TRY(session.post(api::with_query(approve, "dry_run", "1"), body));
  show_lets_see(session.screen(), grant);
  session.screen().flush();
  return {};
}

// What the brand asks although others do not ask it for this purpose, or although its own document does not say so, is
// given only by a person who saw that: said yes to, or, of a field, named in --only or --also.
Result<void> confirm_marked(Session& session, const std::string& approve, const json& body) {
  const auto path = TRY(api::path_to(api::kRequests, session.argument(0)));
  const auto request = TRY(session.get(path));
  if (text_at(request, "state") != "pending") return {};
  const bool is_named = session.value("only").has_value();
  const auto all = given_by(request, body);
  std::vector<std::string> unusual;
  std::vector<std::string> unregistered;
  for (const auto& item : list_at(request, "needed")) {
    if (is_named) break;
    if (flag_at(item, "unusual")) unusual.push_back(text_at(item, "field"));
    if (flag_at(item, "unregistered")) unregistered.push_back(text_at(item, "field"));
  }
  const auto over = over_asking_texts(session.screen(), request);
  if (over.empty() && unregistered.empty()) {
    if (unusual.empty()) return {};
    TRY(show_first(session, approve, body));
    return session.confirm("ask.approve_unusual", {{"fields", joined(unusual)},
                                                   {"all", joined(all)},
                                                   {"purpose", text_at(request, "purpose")}});
  }
  auto& screen = session.screen();
  if (!session.settings().yes && !session.settings().json) {
    TRY(session.asks());
    for (const auto& line : over) screen.line(line);
    if (!unregistered.empty())
      screen.say("request.unregistered_fields", {{"fields", joined(unregistered)}});
    if (!unusual.empty()) screen.say("request.unusual_fields", {{"fields", joined(unusual)}});
    TRY(show_first(session, approve, body));
  }
  return session.confirm("ask.approve_unregistered",
                         {{"all", joined(all)}, {"purpose", text_at(request, "purpose")}});
}

}  // namespace

Result<void> run_request_list(Session& session) {
  std::string path(api::kRequests);
  if (session.has("all")) path = api::with_query(path, "all", "1");
  const auto requests = TRY(session.get(path));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(requests);
    return {};
  }
  Table table{{"head.id", "head.brand", "head.asks", "head.for", "head.state", "head.received"},
              {}};
  for (const auto& request : list_at(requests, "items"))
    table.rows.push_back({text_at(request, "id"), text_at(object_at(request, "brand"), "brand"),
                          asked_text(request), for_text(request), state_text_of(screen, request),
                          screen.when(raw_at(request, "received_at"))});
  if (table.rows.empty())
    screen.note(session.has("all") ? "request.none_ever" : "request.none");
  else
    screen.table(table);
  return {};
}

Result<void> run_request_show(Session& session) {
  TRY(check_typed_id(session, session.argument(0), api::kRequests));
  const auto path = TRY(api::path_to(api::kRequests, session.argument(0)));
  const auto request = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(request);
  else
    show_request(session.screen(), request, session.has("reveal") ? Values::Shown : Values::Masked);
  return {};
}

Result<void> run_approve(Session& session) {
  TRY(check_typed_id(session, session.argument(0), api::kRequests));
  const auto path = TRY(api::path_to(api::kRequests, session.argument(0), api::kApprove));
  json body = json::object();
  if (session.has("remember")) body["remember"] = true;
  for (const auto* name : {"only", "also"})
    if (const auto typed = session.value(name)) body[name] = fields_from(*typed);
  TRY(add_terms(session, body));
  TRY(add_forms(session, body));
  if (session.has("dry-run")) return show_preview(session, path, body);
  TRY(confirm_marked(session, path, body));
  const auto grant = TRY(session.post(path, body));
  if (session.settings().json) {
    session.screen().document(grant);
  } else if (!session.settings().quiet) {
    session.screen().say("approve.done", {{"brand", text_at(grant, "brand")}});
    show_grant(session.screen(), grant);
    show_lets_see(session.screen(), grant);
    session.screen().say("grant.take_back", {{"id", text_at(grant, "id")}});
    if (const auto rule = text_at(grant, "remembered"); !rule.empty())
      session.screen().say("approve.remembered",
                           {{"rule", rule}, {"brand", text_at(grant, "brand_name")}});
    note_shortfalls(session.screen(), grant);
  }
  return {};
}

Result<void> run_deny(Session& session) {
  TRY(check_typed_id(session, session.argument(0), api::kRequests));
  const auto path = TRY(api::path_to(api::kRequests, session.argument(0), api::kDeny));
  json body = json::object();
  if (session.has("tell")) body["tell"] = true;
  if (session.has("remember")) body["remember"] = true;
  const auto request = TRY(session.post(path, body));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(request);
  } else if (!session.settings().quiet) {
    screen.say(session.has("tell") ? "deny.told" : "deny.silent",
               {{"name", brand_name(request)}, {"id", text_at(request, "id")}});
    if (const auto rule = text_at(request, "remembered"); !rule.empty())
      screen.say("deny.remembered", {{"rule", rule}, {"brand", brand_name(request)}});
  }
  return {};
}

}  // namespace vrm::cli
