#include "cli/offer_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/intent_text.h"
#include "cli/typed_date.h"
#include "vault/base/clock.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kLeastIdBytes = 7;  // of_2QK7

bool is_live(const json& offer) {
  return raw_at(offer, "state") == "live";
}

bool passes(const json& offer) {
  return number_at(offer, "musts_passed") == number_at(offer, "musts_asked");
}

bool is_accepted(const json& offer) {
  return raw_at(offer, "state") == "accepted";
}

bool is_ranked(const json& offer) {
  return (is_live(offer) || is_accepted(offer)) && passes(offer);
}

bool is_sensitive(const json& offer) {
  for (const auto& item : list_at(offer, "data"))
    if (flag_at(item, "sensitive") && !flag_at(item, "optional")) return true;
  return false;
}

// More than is usual for its purpose, or than its brand registered.
bool is_over_asking(const json& offer) {
  return flag_at(offer, "over_asking");
}

// "22 h": what is left until then.
std::string left_text(const Screen& screen, const std::string& rfc3339) {
  const auto at = instant_from_rfc3339(rfc3339);
  if (!at.ok()) return "";
  const auto seconds = (at.value() - SystemClock().now()).count() / 1000;
  const auto span = [&](std::string_view key, std::int64_t n) {
    return screen.text(key, {{"n", std::to_string(n)}});
  };
  if (seconds <= 0) return screen.text("span.over");
  if (seconds >= 172'800) return span("span.days", seconds / 86'400);
  if (seconds >= 3600) return span("span.hours", seconds / 3600);
  if (seconds >= 60) return span("span.minutes", seconds / 60);
  return span("span.seconds", seconds);
}

std::string total_text(const json& offer) {
  const auto amount = text_at(object_at(offer, "total"), "amount");
  const auto change = raw_at(object_at(offer, "price_change"), "amount");
  if (change.empty()) return amount;
  return amount + (change.starts_with('-') ? " ↓" : " ↑");
}

// Those that are over have not been compared.
std::string musts_text(const json& offer) {
  if (!has_at(offer, "musts_asked")) return "-";
  return std::to_string(number_at(offer, "musts_passed")) + "/" +
         std::to_string(number_at(offer, "musts_asked"));
}

// Why it is not ranked: over, or the musts that it fails.
std::string why_text(const Screen& screen, const json& offer) {
  return is_live(offer) ? failures_text(screen, offer)
                        : screen.word("offer_state.", text_at(offer, "state"));
}

std::string data_text(const json& offer) {
  if (!has_at(offer, "data_cost")) return "-";
  const std::string marks =
      std::string(is_sensitive(offer) ? "!" : "") + (is_over_asking(offer) ? "+" : "");
  return std::to_string(number_at(offer, "data_cost")) + (marks.empty() ? "" : " " + marks);
}

// Piped: a row for each, with all there is.
Table whole_table(const Screen& screen, const std::vector<const json*>& offers) {
  Table table;
  for (const auto* offer : offers) {
    const auto why = why_text(screen, *offer);
    const auto rank = is_ranked(*offer) ? std::to_string(table.rows.size() + 1) : "-";
    table.rows.push_back({rank, text_at(*offer, "id"), text_at(*offer, "brand"),
                          text_at(*offer, "title"), money_at(*offer, "total"),
                          text_at(*offer, "arrives"), data_text(*offer),
                          musts_text(*offer) + (why.empty() ? "" : " " + why),
                          text_at(*offer, "valid_until"), score_text(*offer)});
  }
  return table;
}

// The ranked ones first; the order within is the daemon's.
std::vector<const json*> in_order(const json& offers) {
  std::vector<const json*> all;
  for (const auto& offer : list_at(offers, "items")) all.push_back(&offer);
  const auto place = [](const json* offer) {
    return is_ranked(*offer) ? 0 : is_live(*offer) ? 1 : 2;
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const json* a, const json* b) { return place(a) < place(b); });
  return all;
}

// On a terminal: those to choose from, and below them those that are not, with the reason.
void show_tables(Screen& screen, const std::vector<const json*>& offers) {
  std::vector<std::string> ids;
  for (const auto* offer : offers) ids.push_back(text_at(*offer, "id"));
  ids = short_ids(ids);
  Table ranked{{"head.rank", "head.id", "head.brand", "head.title", "head.total", "head.arrives",
                "head.data", "head.musts", "head.valid", "head.score"},
               {}};
  Table others{{"head.id", "head.brand", "head.title", "head.total", "head.why"}, {}};
  for (std::size_t at = 0; at < offers.size(); ++at) {
    const auto& offer = *offers[at];
    const auto brand = text_at(offer, "brand");
    const auto title = text_at(offer, "title");
    const auto total = total_text(offer);
    if (!is_ranked(offer))
      others.rows.push_back({ids[at], brand, title, total,
                             why_text(screen, offer) + (is_over_asking(offer) ? " +" : "")});
    else
      ranked.rows.push_back({std::to_string(at + 1), ids[at], brand, title, total,
                             short_day(screen, text_at(offer, "arrives"), today()),
                             data_text(offer), musts_text(offer),
                             is_live(offer) ? left_text(screen, raw_at(offer, "valid_until"))
                                            : why_text(screen, offer),
                             score_text(offer)});
  }
  if (!ranked.rows.empty()) screen.table(ranked);
  if (!ranked.rows.empty() && !others.rows.empty()) screen.line("");
  if (!others.rows.empty()) screen.table(others);
}

void show_head(Screen& screen, const json& intent, const json& offers,
               const std::vector<const json*>& shown) {
  std::vector<std::string> wanted = {quoted_text(screen, intent)};
  if (const auto limit = money_at(intent, "limit"); !limit.empty())
    wanted.push_back(screen.text("offers.limit", {{"limit", limit}}));
  if (const auto day = shown_day(screen, text_at(intent, "deadline"), today()); !day.empty())
    wanted.push_back(screen.text("offers.deadline", {{"day", day}}));
  if (const auto near = text_at(intent, "near"); !near.empty()) wanted.push_back(near);
  const auto state = raw_at(intent, "state");
  wanted.push_back(state == "open"
                       ? screen.text("offers.open_for",
                                     {{"span", left_text(screen, raw_at(intent, "offers_until"))}})
                       : screen.word("intent_state.", state));
  screen.line(joined(wanted));
  const auto count = static_cast<std::int64_t>(shown.size());
  const auto brands = static_cast<std::int64_t>(list_at(intent, "brands").size());
  auto line = screen.text("offers.count", {{"offers", screen.count("count.offers", count)},
                                           {"brands", screen.count("count.brands", brands)}});
  if (const auto weights = weights_text(screen, object_at(offers, "weights")); !weights.empty())
    line += screen.text("offers.weights", {{"weights", weights}});
  screen.line(line);
  screen.line("");
}

void show_legend(Screen& screen, const std::vector<const json*>& shown) {
  const auto any = [&](auto&& holds) {
    return std::any_of(shown.begin(), shown.end(),
                       [&](const json* offer) { return holds(*offer); });
  };
  std::vector<std::string> parts = {screen.text(
      "offers.all_in", {{"currency", text_at(object_at(*shown.front(), "total"), "currency")}})};
  if (any([](const json& offer) { return has_at(offer, "price_change"); }))
    parts.push_back(screen.text("offers.arrows"));
  if (any(is_sensitive)) parts.push_back(screen.text("offers.sensitive"));
  if (any(is_over_asking)) parts.push_back(screen.text("offers.over_asking"));
  screen.line(joined(parts));
}

}  // namespace

std::vector<std::string> short_ids(const std::vector<std::string>& ids) {
  std::vector<std::string> cut;
  for (const auto& id : ids) {
    std::size_t length = std::min(kLeastIdBytes, id.size());
    for (const auto& other : ids)
      while (other != id && length < id.size() && other.starts_with(id.substr(0, length))) ++length;
    cut.push_back(id.substr(0, length));
  }
  return cut;
}

std::string score_text(const json& offer) {
  return is_ranked(offer) ? std::to_string(number_at(offer, "score")) : "-";
}

std::string failures_text(const Screen& screen, const json& offer) {
  std::vector<std::string> failures;
  for (const auto& must : list_at(offer, "musts")) {
    if (flag_at(must, "pass")) continue;
    const auto why = text_at(must, "why");
    const bool own_word = why == "too_dear" || why == "too_late" || why == "other_article";
    const auto word = screen.word("why.", why);
    failures.push_back(own_word ? word : text_at(must, "name") + " " + word);
  }
  return joined(failures);
}

void show_offers(Screen& screen, const json& intent, const json& offers) {
  const auto shown = in_order(offers);
  if (!screen.settings().to_terminal) return screen.table(whole_table(screen, shown));
  show_head(screen, intent, offers, shown);
  if (shown.empty()) return screen.say("offers.none_yet");
  show_tables(screen, shown);
  screen.line("");
  show_legend(screen, shown);
}

std::vector<OfferChange> changes_between(const json& before, const json& after) {
  std::map<std::string, const json*> known;
  for (const auto& offer : list_at(before, "items")) known[raw_at(offer, "id")] = &offer;
  std::vector<OfferChange> changes;
  for (const auto& offer : list_at(after, "items")) {
    const auto found = known.find(raw_at(offer, "id"));
    if (found == known.end()) {
      changes.push_back(
          {is_live(offer) ? "offer_made" : "offer_" + raw_at(offer, "state"), &offer});
      continue;
    }
    const auto& was = *found->second;
    known.erase(found);
    if (number_at(was, "rev") != number_at(offer, "rev"))
      changes.push_back({"offer_revised", &offer});
    if (raw_at(was, "state") != raw_at(offer, "state"))
      changes.push_back(
          {is_live(offer) ? "offer_made" : "offer_" + raw_at(offer, "state"), &offer});
  }
  for (const auto& [id, offer] : known) changes.push_back({"offer_gone", offer});
  return changes;
}

}  // namespace vrm::cli
