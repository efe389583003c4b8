// vrm intent new: says to brands what is wanted, and follows until they have it.

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/brand_name.h"
#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/intent_text.h"
#include "cli/interrupt.h"
#include "cli/news.h"
#include "cli/session.h"
#include "cli/typed_amount.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr Duration kPipedWait = std::chrono::seconds(10);
constexpr Duration kLongWait = std::chrono::hours(24);
constexpr std::string_view kTag = "tag:";

Result<json> properties_from(const std::vector<std::string>& typed) {
  json properties = json::array();
  for (const auto& one : typed) {
    const auto equals = one.find('=');
    if (equals == one.npos || equals == 0 || equals + 1 == one.size())
      return refusal(ErrorCode::Malformed, "usage.property", {{"typed", one}});
    properties.push_back({{"name", one.substr(0, equals)}, {"value", one.substr(equals + 1)}});
  }
  return properties;
}

// A word is a brand's handle or else a tag of brands, or else its name; the daemon refuses what is none.
Result<json> recipients_from(Session& session) {
  std::vector<std::string> typed;
  for (const auto& one : session.values("to"))
    for (const auto& word : fields_from(one)) typed.push_back(word);
  if (typed.empty()) return refusal(ErrorCode::Malformed, "usage.to");
  const auto brands = TRY(session.get(std::string(api::kBrands)));
  std::set<std::string> handles;
  std::set<std::string> tags;
  for (const auto& brand : list_at(brands, "items")) {
    handles.insert(raw_at(brand, "brand"));
    for (const auto& tag : texts_at(brand, "tags")) tags.insert(tag);
  }
  json to = json::array();
  for (const auto& word : typed) {
    const bool is_tag = !handles.contains(word) && tags.contains(word);
    const auto handle = handle_of(brands, word);
    to.push_back(is_tag ? std::string(kTag) + word : handle.empty() ? word : handle);
  }
  return to;
}

Result<void> add_deadline(const Session& session, json& body) {
  const auto typed = session.value("by");
  if (!typed) return {};
  const auto day = TRY(day_from_typed(*typed, today(), session.settings().language));
  body["by"] = date_text(day);
  return {};
}

Result<void> add_properties(const Session& session, json& body) {
  for (const auto* name : {"must", "nice"}) {
    if (!session.has(name)) continue;
    auto properties = TRY(properties_from(session.values(name)));
    body[name] = std::move(properties);
  }
  return {};
}

Result<json> body_from(Session& session) {
  json body = {{"text", joined(session.arguments(), " ")}};
  constexpr std::pair<const char*, const char*> kPlain[] = {
      {"category", "category"}, {"tell-max", "tell_max"}, {"tell-by", "tell_by"}, {"near", "near"}};
  for (const auto& [flag, name] : kPlain)
    if (const auto typed = session.value(flag)) body[name] = *typed;
  if (const auto typed = session.value("open-for")) body["open_for"] = length_from_typed(*typed);
  if (const auto typed = session.value("max")) body["max"] = amount_from_typed(*typed);
  TRY(add_deadline(session, body));
  TRY(add_properties(session, body));
  if (session.has("gtin")) body["gtin"] = session.values("gtin");
  if (session.has("weights")) {
    auto weights = TRY(weights_from(session));
    body["weights"] = std::move(weights);
  }
  if (session.has("no-jitter")) body["jitter"] = false;
  auto to = TRY(recipients_from(session));
  body["to"] = std::move(to);
  return body;
}

// A long text over the lines of a terminal; whole where it is no terminal.
void show_bytes(Screen& screen, const std::string& bytes) {
  constexpr std::size_t kIndent = 2;
  const auto part = screen.settings().to_terminal ? screen.settings().columns - kIndent
                                                  : std::max<std::size_t>(bytes.size(), 1);
  for (std::size_t at = 0; at < bytes.size(); at += part)
    screen.verbatim(std::string(kIndent, ' ') + bytes.substr(at, part));
}

void show_lines(Screen& screen, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    screen.verbatim("  " + std::string(text.substr(0, end)));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
}

void show_dry_run(Screen& screen, const json& rehearsal) {
  for (const auto& message : list_at(rehearsal, "messages")) {
    const auto bytes = text_at(message, "bytes");
    screen.line(screen.text("intent.message", {{"brand", text_at(message, "brand")},
                                               {"url", text_at(message, "url")}}));
    show_lines(screen, safe_json_pretty(object_at(message, "claims")));
    screen.line("  " + screen.count("count.bytes", static_cast<std::int64_t>(bytes.size())));
    show_bytes(screen, bytes);
    screen.line("");
  }
  std::vector<std::string> kept;
  for (const auto& one : texts_at(rehearsal, "kept")) kept.push_back(screen.word("kept.", one));
  if (!kept.empty()) screen.say("intent.kept", {{"kept", joined(kept)}});
  screen.say("intent.nothing_sent");
}

bool waits(const json& intent) {
  for (const auto& brand : list_at(intent, "brands"))
    if (raw_at(brand, "delivery") == "waiting") return true;
  return false;
}

std::string progress_text(const Screen& screen, const json& intent) {
  std::int64_t have = 0;
  for (const auto& brand : list_at(intent, "brands"))
    if (raw_at(brand, "delivery") == "sent") ++have;
  const auto all = static_cast<std::int64_t>(list_at(intent, "brands").size());
  return screen.text("intent.progress", {{"have", std::to_string(have)},
                                         {"brands", screen.count("count.brands", all)}});
}

// What became of each brand's message since it was shown last.
class Deliveries {
 public:
  explicit Deliveries(Screen& screen) : screen_(screen) {}

  void show(const json& intent) {
    if (screen_.settings().json || screen_.settings().quiet) return;
    if (screen_.settings().redraws && waits(intent))
      return screen_.redraw([&] { screen_.line(progress_text(screen_, intent)); });
    if (screen_.settings().redraws) screen_.redraw([] {});
    screen_.keep_drawn();
    show_changes(intent);
  }

 private:
  void show_changes(const json& intent) {
    for (const auto& brand : list_at(intent, "brands")) {
      const auto state = raw_at(brand, "delivery");
      const auto name = text_at(brand, "brand");
      if (state == "waiting" || shown_[name] == state) continue;
      shown_[name] = state;
      screen_.line("  " + padded(name, 16) + "  " + delivery_text(screen_, brand));
    }
    screen_.flush();
  }

  Screen& screen_;
  std::map<std::string, std::string> shown_;
};

// The intent once every brand has it, is tried again or is given up; or as it is when the time for
// that is over.
Result<json> followed(Session& session, json intent, std::int64_t cursor) {
  const bool watched = session.settings().redraws;
  const auto most = TRY(session.length("wait", watched ? kLongWait : kPipedWait));
  News news(session, raw_at(intent, "id"), cursor);
  Deliveries deliveries(session.screen());
  const SystemClock clock;
  const auto end = clock.ticks() + most;
  deliveries.show(intent);
  while (waits(intent) && clock.ticks() < end) {
    const auto path = TRY(api::path_to(api::kIntents, raw_at(intent, "id")));
    TRY(news.wait(end - clock.ticks()));
    intent = TRY(news.call({"GET", path}));
    deliveries.show(intent);
  }
  session.screen().keep_drawn();
  return intent;
}

Result<void> rehearse(Session& session, const json& body) {
  const auto path = api::with_query(std::string(api::kIntents), "dry_run", "1");
  const auto rehearsal = TRY(session.post(path, body));
  if (session.settings().json)
    session.screen().document(rehearsal);
  else
    show_dry_run(session.screen(), rehearsal);
  return {};
}

// The person sees what brands get, and who, before they say yes.
Result<void> ask_first(Session& session, const json& body) {
  if (session.settings().yes) return {};
  const auto path = api::with_query(std::string(api::kIntents), "dry_run", "1");
  const auto rehearsal = TRY(session.post(path, body));
  TRY(session.asks());
  std::vector<std::string> brands;
  for (const auto& message : list_at(rehearsal, "messages"))
    brands.push_back(text_at(message, "brand"));
  std::sort(brands.begin(), brands.end());  // they come in an order of chance
  auto& screen = session.screen();
  if (!session.settings().json) {
    show_wish(screen, object_at(rehearsal, "intent"));
    screen.detail("intent.to", few_of(screen, brands));
    screen.flush();
  }
  const auto count = static_cast<std::int64_t>(brands.size());
  return session.confirm("ask.intent", {{"brands", screen.count("count.brands", count)}});
}

void show_sent(Session& session, const json& intent) {
  auto& screen = session.screen();
  const auto brands = static_cast<std::int64_t>(list_at(intent, "brands").size());
  if (session.settings().quiet) return screen.line(text_at(intent, "id"));
  screen.say("intent.made", {{"id", text_at(intent, "id")},
                             {"text", text_at(intent, "text")},
                             {"brands", screen.count("count.brands", brands)},
                             {"until", screen.when(raw_at(intent, "offers_until"))}});
  screen.flush();
}

}  // namespace

Result<void> run_intent_new(Session& session) {
  const auto body = TRY(body_from(session));
  if (session.has("dry-run")) return rehearse(session, body);
  TRY(ask_first(session, body));
  const bool follows = !session.has("no-wait");
  const auto cursor = follows ? News::cursor_now(session) : Result<std::int64_t>(0);
  if (!cursor.ok()) return cursor.error();
  auto intent = TRY(session.post(std::string(api::kIntents), body));
  interrupted_says(session.screen(), "interrupted.intent", {{"id", text_at(intent, "id")}});
  if (!session.settings().json) show_sent(session, intent);
  if (follows) intent = TRY(followed(session, std::move(intent), cursor.value()));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(intent);
    return {};
  }
  const Gaps with = {{"id", text_at(intent, "id")}};
  screen.note(waits(intent) ? "intent.not_all" : "intent.next", with);
  return {};
}

}  // namespace vrm::cli
