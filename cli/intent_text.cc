#include "cli/intent_text.h"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/typed_date.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kParts = "part.";

// The word that the API has for a weight; as typed when it is none.
std::string part_from(const std::string& typed) {
  for (const auto& key : words::keys(words::Language::English)) {
    if (!key.starts_with(kParts)) continue;
    for (const auto language : {words::Language::English, words::Language::French})
      if (typed == words::sentence(language, key)) return key.substr(kParts.size());
  }
  return typed;
}

// A value and what brands hear of it.
std::string told_text(const Screen& screen, const std::string& value, const std::string& told) {
  if (value.empty()) return "";
  return value + " (" +
         (told.empty() ? screen.text("told.none") : screen.text("told.shown", {{"value", told}})) +
         ")";
}

void show_properties(Screen& screen, std::string_view label, const json& properties) {
  for (const auto& property : properties)
    screen.detail(label, text_at(property, "name") + " = " + text_at(property, "value"));
}

void show_acceptance(Screen& screen, const json& acceptance) {
  const auto offer = text_at(acceptance, "offer");
  if (offer.empty()) return;
  const Gaps with = {{"offer", offer},
                     {"brand", text_at(acceptance, "brand")},
                     {"order", text_at(acceptance, "order")},
                     {"until", screen.when(raw_at(acceptance, "until"))}};
  const auto state = raw_at(acceptance, "state");
  const auto* key = state == "pending"                     ? "intent.accepting"
                    : state == "cancelled"                 ? "intent.accept_failed"
                    : text_at(acceptance, "order").empty() ? "intent.accepted"
                                                           : "intent.accepted_order";
  screen.detail("intent.acceptance", screen.text(key, with));
}

}  // namespace

std::string money_text(const json& money) {
  const auto amount = text_at(money, "amount");
  return amount.empty() ? "" : amount + " " + text_at(money, "currency");
}

std::string money_at(const json& object, std::string_view name) {
  return money_text(object_at(object, name));
}

std::string weights_text(const Screen& screen, const json& weights) {
  std::vector<std::string> parts;
  for (const auto* name : {"price", "delivery", "data", "terms", "nice"})
    if (const auto weight = number_at(weights, name); weight > 0)
      parts.push_back(screen.word(kParts, name) + " " + std::to_string(weight));
  return joined(parts);
}

Result<json> weights_from(const Session& session) {
  const auto typed = session.value("weights").value_or("");
  json weights = json::object();
  for (const auto& part : fields_from(typed)) {
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    const auto digits = equals == part.npos ? "" : part.substr(equals + 1);
    std::int64_t weight = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, weight);
    if (name.empty() || digits.empty() || read.ec != std::errc() || read.ptr != end)
      return refusal(ErrorCode::Malformed, "usage.weights", {{"typed", part}});
    weights[part_from(name)] = weight;
  }
  if (weights.empty()) return refusal(ErrorCode::Malformed, "usage.weights", {{"typed", typed}});
  return weights;
}

std::string delivery_text(const Screen& screen, const json& brand) {
  const auto state = text_at(brand, "delivery");
  const auto next = raw_at(brand, "next_at");
  if (state == "retrying" && !next.empty())
    return screen.text("delivery.retrying_at", {{"when", screen.when(next)}});
  return screen.word("delivery.", state);
}

std::string answer_text(const Screen& screen, const json& brand) {
  if (const auto offers = number_at(brand, "offers"); offers > 0)
    return screen.count("count.offers", offers);
  const auto answer = raw_at(brand, "answer");
  if (!answer.empty()) return screen.word("answer.", answer);
  return raw_at(brand, "delivery") == "sent" ? screen.text("answer.none")
                                             : delivery_text(screen, brand);
}

std::string few_of(const Screen& screen, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 6;
  if (names.size() <= kMost) return joined(names);
  const auto first = names.begin();
  return screen.text("answer.and_more", {{"names", joined({first, first + kMost})},
                                         {"n", std::to_string(names.size() - kMost)}});
}

std::vector<Gaps> silences(const Screen& screen, const json& intent) {
  std::map<std::string, std::vector<std::string>> brands;
  for (const auto& brand : list_at(intent, "brands")) {
    if (number_at(brand, "offers") > 0) continue;
    const auto answer = raw_at(brand, "answer");
    const auto state = text_at(brand, "delivery");
    const auto why = !answer.empty()   ? screen.word("answer.", text_at(brand, "answer"))
                     : state == "sent" ? screen.text("answer.none")
                                       : screen.word("delivery.", state);
    brands[why].push_back(text_at(brand, "brand"));
  }
  std::vector<Gaps> all;
  for (const auto& [why, names] : brands)
    all.push_back({{"what", why}, {"brands", few_of(screen, names)}});
  return all;
}

std::string quoted_text(const Screen& screen, const json& intent) {
  return screen.text("request.quoted", {{"text", text_at(intent, "text")}});
}

namespace {

void show_wanted(Screen& screen, const json& intent, std::string_view no_limit,
                 std::string_view no_deadline) {
  screen.detail("intent.category", text_at(intent, "category"));
  screen.detail("intent.gtin", joined(texts_at(intent, "gtin")));
  const auto day = [&](std::string_view name) {
    return shown_day(screen, text_at(intent, name), today());
  };
  const auto limit = told_text(screen, money_at(intent, "limit"), money_at(intent, "limit_shown"));
  const auto deadline = told_text(screen, day("deadline"), day("deadline_shown"));
  screen.detail("intent.limit", limit.empty() ? std::string(no_limit) : limit);
  screen.detail("intent.deadline", deadline.empty() ? std::string(no_deadline) : deadline);
  screen.detail("intent.near", text_at(intent, "near"));
  show_properties(screen, "intent.must", list_at(intent, "must"));
  show_properties(screen, "intent.nice", list_at(intent, "nice"));
}

}  // namespace

void show_wish(Screen& screen, const json& intent) {
  screen.line(quoted_text(screen, intent));
  show_wanted(screen, intent, screen.text("intent.no_limit"), screen.text("intent.no_deadline"));
  screen.detail("intent.until", screen.when(raw_at(intent, "offers_until")));
}

void show_intent(Screen& screen, const json& intent) {
  screen.line(text_at(intent, "id") + "  " + quoted_text(screen, intent));
  screen.detail("intent.state", screen.word("intent_state.", text_at(intent, "state")));
  show_wanted(screen, intent, "", "");
  screen.detail("intent.weights", weights_text(screen, object_at(intent, "weights")));
  screen.detail("intent.until", screen.when(raw_at(intent, "offers_until")));
  screen.detail("intent.offers", std::to_string(number_at(intent, "offers_live")));
  show_acceptance(screen, object_at(intent, "acceptance"));
  for (const auto& brand : list_at(intent, "brands"))
    screen.line("  " + padded(text_at(brand, "brand"), 16) + "  " + answer_text(screen, brand));
}

}  // namespace vrm::cli
