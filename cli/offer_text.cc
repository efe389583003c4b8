#include "cli/offer_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/intent_text.h"
#include "cli/typed_date.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kNumber = 6;
constexpr std::size_t kOfferedColumn = 30;

std::string right(const std::string& text, std::size_t columns) {
  const auto have = width(text);
  return std::string(have < columns ? columns - have : 0, ' ') + text;
}

void show_price(Screen& screen, const json& offer) {
  screen.detail("offer.total", money_at(offer, "total"));
  const auto part = [&](std::string_view name) {
    return text_at(object_at(offer, name), "amount");
  };
  if (!part("subtotal").empty())
    screen.detail("offer.made_of", screen.text("offer.sum", {{"subtotal", part("subtotal")},
                                                             {"shipping", part("shipping")},
                                                             {"fee", part("fee")}}));
}

void show_offer_terms(Screen& screen, const json& offer) {
  screen.detail("offer.arrives", shown_day(screen, text_at(offer, "arrives"), today()));
  screen.detail("offer.valid_until", screen.when(raw_at(offer, "valid_until")));
  if (has_at(offer, "warranty_months"))
    screen.detail("offer.warranty",
                  screen.count("count.months", number_at(offer, "warranty_months")));
  if (has_at(offer, "return_days"))
    screen.detail("offer.returns", screen.count("count.days", number_at(offer, "return_days")));
}

// What was asked for under `head`, and what the offer says to each.
void show_met(Screen& screen, std::string_view head, const json& asked) {
  if (asked.empty()) return;
  const auto passed = std::count_if(asked.begin(), asked.end(),
                                    [](const json& met) { return flag_at(met, "pass"); });
  screen.line("");
  screen.line(screen.text(
      head, {{"passed", std::to_string(passed)}, {"asked", std::to_string(asked.size())}}));
  for (const auto& met : asked) {
    const auto name = screen.word("part.", text_at(met, "name"));
    const auto why = flag_at(met, "pass") ? screen.text("offer.passes")
                                          : "! " + screen.word("why.", text_at(met, "why"));
    screen.line("  " + padded(name, 16) + "  " + why);
  }
}

// Each weight times its points, their sum, and the sum by that of the weights.
void show_score(Screen& screen, const json& offer) {
  const auto& parts = list_at(offer, "parts");
  if (parts.empty()) return;
  screen.line("");
  screen.line(screen.text("offer.score", {{"score", std::to_string(number_at(offer, "score"))}}));
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const auto& part : parts) {
    const auto weight = number_at(part, "weight");
    const auto points = number_at(part, "points");
    sum += weight * points;
    weights += weight;
    screen.line("  " + padded(screen.word("part.", text_at(part, "name")), 16) +
                right(std::to_string(weight), kNumber) + " ×" +
                right(std::to_string(points), kNumber) + " =" +
                right(std::to_string(weight * points), kNumber));
  }
  screen.line("  " + padded(screen.text("offer.sum_by"), 16) + right(std::to_string(sum), kNumber) +
              " /" + right(std::to_string(weights), kNumber) + " ≈" +
              right(std::to_string(number_at(offer, "score")), kNumber));
  screen.say("offer.points");
}

void show_field(Screen& screen, const json& item) {
  const auto field = text_at(item, "field");
  std::vector<std::string> terms = {purpose_text(screen, item)};
  if (const auto at = text_at(item, "needed_at"); !at.empty())
    terms.push_back(screen.word("needed_at.", at));
  for (const auto& term : handling_terms(screen, item)) terms.push_back(term);
  constexpr std::size_t kLabel = 13;
  const auto label = flag_at(item, "optional") ? "request.optional" : "request.needed";
  std::string marks = flag_at(item, "sensitive") ? "  ! " + screen.text("offer.sensitive") : "";
  if (!flag_at(item, "have")) marks += "  " + screen.text("request.not_there");
  screen.labelled("  " + screen.text(label), kLabel,
                  marks.empty() ? field : padded(field, kOfferedColumn) + marks);
  screen.labelled("", kLabel + 2, joined(terms));
  if (flag_at(item, "unusual")) screen.labelled("", kLabel + 2, screen.text("request.unusual"));
  if (flag_at(item, "unregistered"))
    screen.labelled("", kLabel + 2, screen.text("request.unregistered"));
  for (const auto& over : over_asking_texts(screen, item)) screen.labelled("", kLabel + 2, over);
}

void show_data(Screen& screen, const json& offer) {
  screen.line("");
  const auto& data = list_at(offer, "data");
  if (data.empty()) return screen.line(screen.text("offer.no_data"));
  screen.line(screen.text("offer.data"));
  for (const auto& item : data) show_field(screen, item);
}

void show_revisions(Screen& screen, const json& offer) {
  const auto& revisions = list_at(offer, "revisions");
  if (revisions.size() < 2) return;
  screen.line("");
  screen.line(screen.text("offer.revisions"));
  for (const auto& revision : revisions)
    screen.line("  " + right(std::to_string(number_at(revision, "rev")), 2) + "  " +
                padded(money_at(revision, "total"), 16) + "  " +
                screen.when(raw_at(revision, "received_at")));
}

}  // namespace

std::vector<std::string> handling_terms(const Screen& screen, const json& item) {
  std::vector<std::string> terms;
  if (has_at(item, "retention_days"))
    terms.push_back(screen.count("count.kept_days", number_at(item, "retention_days")));
  if (const auto to = joined(texts_at(item, "recipients")); !to.empty())
    terms.push_back(screen.text("offer.recipients", {{"recipients", to}}));
  return terms;
}

void show_offer(Screen& screen, const json& offer) {
  screen.line(screen.text("offer.head", {{"id", text_at(offer, "id")},
                                         {"title", text_at(offer, "title")},
                                         {"name", text_at(offer, "brand_name")},
                                         {"brand", text_at(offer, "brand")}}));
  screen.detail("offer.state", screen.word("offer_state.", text_at(offer, "state")));
  screen.detail("offer.order", text_at(offer, "order"));
  screen.detail("offer.intent", text_at(offer, "intent"));
  show_price(screen, offer);
  show_offer_terms(screen, offer);
  screen.detail("offer.signed_by", text_at(offer, "signed_by"));
  show_met(screen, "offer.musts", list_at(offer, "musts"));
  show_met(screen, "offer.nices", list_at(offer, "nices"));
  show_score(screen, offer);
  show_data(screen, offer);
  show_revisions(screen, offer);
  if (raw_at(offer, "state") != "live") return;
  screen.line("");
  screen.say("offer.next", {{"id", text_at(offer, "id")}});
}

}  // namespace vrm::cli
