// vrm accept: shows what would be sent, sends it, and waits for the brand's acknowledgement.

#include <map>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/intent_text.h"
#include "cli/interrupt.h"
#include "cli/news.h"
#include "cli/offer_table.h"
#include "cli/offer_text.h"
#include "cli/session.h"
#include "cli/sight_text.h"
#include "cli/terminal.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr Duration kWait = std::chrono::seconds(20);
constexpr std::size_t kFieldColumn = 30;

json body_from(const Session& session) {
  std::vector<std::string> also;
  for (const auto& typed : session.values("also"))
    for (const auto& field : fields_from(typed)) also.push_back(field);
  return {{"also", also}};
}

// A line of what happens to a field, or to a brand.
void show_line(Screen& screen, std::string_view label, const std::string& text) {
  constexpr std::size_t kLabel = 13;
  screen.labelled("  " + screen.text(label), kLabel, text);
}

std::string terms_text(const Screen& screen, const json& item) {
  std::vector<std::string> terms = {purpose_text(screen, item)};
  if (const auto until = screen.when(raw_at(item, "until")); !until.empty())
    terms.push_back(screen.text("accept.until", {{"until", until}}));
  if (has_at(item, "max_reads"))
    terms.push_back(screen.count("count.most_reads", number_at(item, "max_reads")));
  if (flag_at(item, "served_while_locked")) terms.push_back(screen.text("accept.while_locked"));
  for (const auto& term : handling_terms(screen, item)) terms.push_back(term);
  return joined(terms);
}

// The terms stand once for all the fields that go under them.
void show_sent_field(Screen& screen, const json& item, std::string_view terms) {
  constexpr std::size_t kIndent = 15;
  const auto field = text_at(item, "field");
  show_line(screen, "accept.send",
            flag_at(item, "have")
                ? field
                : padded(field, kFieldColumn) + "  " + screen.text("request.not_there"));
  if (!terms.empty()) screen.labelled("", kIndent, terms);
}

void show_terms(Screen& screen, const json& acceptance) {
  const auto& sent = list_at(acceptance, "send");
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto terms = terms_text(screen, sent[i]);
    const bool next_alike = i + 1 < sent.size() && terms_text(screen, sent[i + 1]) == terms;
    show_sent_field(screen, sent[i], next_alike ? "" : terms);
  }
  if (sent.empty()) show_line(screen, "accept.send", screen.text("accept.no_data"));
  for (const auto& field : texts_at(acceptance, "keep_back"))
    show_line(screen, "accept.keep_back", padded(field, kFieldColumn) + "  --also " + field);
  show_line(screen, "accept.keep_back", screen.text("accept.everything_else"));
  const auto others = texts_at(acceptance, "tell_closed");
  if (!others.empty())
    show_line(screen, "accept.close",
              screen.text(others.size() == 1 ? "accept.hear_closed_one" : "accept.hear_closed",
                          {{"brands", joined(others)}}));
}

// What the brand will ask for and not find.
void show_missing(Screen& screen, const json& acceptance) {
  std::vector<std::string> missing;
  for (const auto& item : list_at(acceptance, "send"))
    if (!flag_at(item, "have")) missing.push_back(text_at(item, "field"));
  if (missing.empty()) return;
  std::vector<std::string> commands;
  for (const auto& field : missing) commands.push_back(screen.command("vrm set " + field));
  screen.say("accept.missing", {{"fields", joined(missing)},
                                {"commands", joined(commands, "    ")},
                                {"brand", text_at(acceptance, "brand")}});
}

// What goes beyond what others ask for, or beyond the brand's own document: each said once, with its fields.
void show_over_asking(Screen& screen, const json& acceptance) {
  std::map<std::string, std::vector<std::string>> marked;
  for (const auto& item : list_at(acceptance, "send")) {
    const auto field = text_at(item, "field");
    if (flag_at(item, "unusual")) marked[screen.text("request.unusual")].push_back(field);
    if (flag_at(item, "unregistered")) marked[screen.text("request.unregistered")].push_back(field);
    for (const auto& over : over_asking_texts(screen, item)) marked[over].push_back(field);
  }
  for (const auto& [mark, fields] : marked) screen.line(mark + ": " + joined(fields));
}

// What the person should know before they say yes.
void show_warnings(Screen& screen, const json& acceptance) {
  if (const auto why = failures_text(screen, acceptance); !why.empty())
    screen.say("accept.fails", {{"why", why}});
  show_missing(screen, acceptance);
  show_over_asking(screen, acceptance);
}

Gaps gaps_of(const Screen& screen, const json& acceptance) {
  const auto title = text_at(acceptance, "title");
  return {{"offer", text_at(acceptance, "offer")},
          {"title", title.empty() ? text_at(acceptance, "offer") : title},
          {"intent", text_at(acceptance, "intent")},
          {"brand", text_at(acceptance, "brand")},
          {"total", money_at(acceptance, "total")},
          {"until", screen.when(raw_at(acceptance, "until"))}};
}

Result<json> preview(Session& session, const std::string& path, const json& body) {
  auto rehearsal = TRY(session.post(api::with_query(path, "dry_run", "1"), body));
  return rehearsal;
}

void show_preview(Screen& screen, const json& rehearsal) {
  screen.say("accept.head", gaps_of(screen, rehearsal));
  show_terms(screen, rehearsal);
  show_lets_see(screen, rehearsal);
  show_warnings(screen, rehearsal);
  screen.flush();
}

// The command that does what a dry run showed.
std::string typed_again(const json& rehearsal, const json& body) {
  const auto also = joined(texts_at(body, "also"), ",");
  return "vrm accept " + text_at(rehearsal, "offer") + (also.empty() ? "" : " --also " + also);
}

Result<void> rehearse(Session& session, const std::string& path, const json& body) {
  const auto rehearsal = TRY(preview(session, path, body));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(rehearsal);
    return {};
  }
  show_preview(screen, rehearsal);
  screen.say("accept.nothing_sent", {{"command", screen.command(typed_again(rehearsal, body))}});
  return {};
}

// The person sees what it means before the question, where there is somebody to ask.
Result<void> ask_first(Session& session, const std::string& path, json& body) {
  if (session.settings().yes) return {};
  const auto rehearsal = TRY(preview(session, path, body));
  if (session.settings().no_input || !has_terminal())
    return refusal(ErrorCode::Malformed, "input.confirm");
  if (!session.settings().json) show_preview(session.screen(), rehearsal);
  // What is accepted is what was shown: a brand may raise its price while the person thinks.
  if (has_at(rehearsal, "rev")) body["rev"] = number_at(rehearsal, "rev");
  return session.confirm("ask.accept", gaps_of(session.screen(), rehearsal));
}

// The acceptance as the intent tells of it now.
void take_news(json& acceptance, const json& intent) {
  const auto& told = object_at(intent, "acceptance");
  if (raw_at(told, "id") == raw_at(acceptance, "id") && has_at(told, "state")) {
    acceptance.update(told);
    return;
  }
  const auto state = raw_at(intent, "state");
  if (state == "accepted") acceptance["state"] = "acknowledged";
  if (state == "open" || state == "cancelled" || state == "closed")
    acceptance["state"] = "cancelled";
}

bool is_pending(const json& acceptance) {
  return raw_at(acceptance, "state") == "pending";
}

Result<void> wait_for_brand(Session& session, json& acceptance, std::int64_t cursor) {
  const auto most = TRY(session.length("wait", kWait));
  const auto intent_id = raw_at(acceptance, "intent");
  const auto path = TRY(api::path_to(api::kIntents, intent_id));
  auto& screen = session.screen();
  const auto& settings = session.settings();
  const auto with = gaps_of(screen, acceptance);
  interrupted_says(screen, "interrupted.accept", with);
  if (settings.redraws && !settings.quiet)
    screen.redraw([&] { screen.line(screen.text("accept.waiting", with)); });
  else
    screen.note("accept.waiting", with);
  News news(session, intent_id, cursor);
  const SystemClock clock;
  const auto end = clock.ticks() + most;
  while (is_pending(acceptance) && clock.ticks() < end) {
    TRY(news.wait(end - clock.ticks()));
    const auto intent = TRY(news.call({"GET", path}));
    take_news(acceptance, intent);
  }
  if (settings.redraws && !settings.quiet) screen.redraw([] {});
  screen.keep_drawn();
  return {};
}

Result<void> show_outcome(Session& session, const json& acceptance) {
  auto& screen = session.screen();
  auto with = gaps_of(screen, acceptance);
  if (session.settings().json) screen.document(acceptance);
  if (raw_at(acceptance, "state") == "cancelled")
    return refusal(ErrorCode::Conflict, "accept.cancelled", with);
  if (session.settings().json || session.settings().quiet) return {};
  if (is_pending(acceptance)) {
    screen.say("accept.pending", with);
    return {};
  }
  const auto order = text_at(acceptance, "order");
  with.emplace_back("order", order);
  screen.say(order.empty() ? "accept.done" : "accept.done_order", with);
  show_missing(screen, acceptance);
  if (const auto grants = joined(texts_at(acceptance, "grants"), " "); !grants.empty())
    screen.say("grant.take_back", {{"id", grants}});
  return {};
}

}  // namespace

Result<void> run_accept(Session& session) {
  TRY(check_typed_offer(session.argument(0)));
  const auto path = TRY(api::path_to(api::kOffers, session.argument(0), api::kAccept));
  auto body = body_from(session);
  if (session.has("dry-run")) return rehearse(session, path, body);
  TRY(ask_first(session, path, body));
  const auto cursor = TRY(News::cursor_now(session));
  auto acceptance = TRY(session.post(path, body));
  auto& screen = session.screen();
  // Who was not asked sees it now.
  if (session.settings().yes && !session.settings().json && !session.settings().quiet)
    show_preview(screen, acceptance);
  if (!session.has("no-wait") && is_pending(acceptance))
    TRY(wait_for_brand(session, acceptance, cursor));
  return show_outcome(session, acceptance);
}

}  // namespace vrm::cli
