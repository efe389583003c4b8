#include "cli/brand_text.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/vocabulary.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string address_of(const Screen& screen, const json& brand) {
  const auto* key = flag_at(brand, "address_checked") ? "brand.checked" : "brand.not_checked";
  auto text = text_at(brand, "domain") + " (" + screen.text(key) + ")";
  const auto looked = raw_at(brand, "checked_at");
  if (!looked.empty() && looked != raw_at(brand, "known_since"))
    text += ", " + screen.text("brand.looked_at", {{"when", screen.when(looked)}});
  return text;
}

std::string key_of(const Screen& screen, const json& brand) {
  auto text = text_at(brand, "fingerprint");
  const auto since = raw_at(brand, "keys_since");
  if (!since.empty() && since != raw_at(brand, "known_since"))
    text += " " + screen.text("brand.keys_since", {{"since", screen.when(since)}});
  return text;
}

std::string trust_text(const Screen& screen, const json& brand) {
  auto text = screen.word("brand_trust.", text_at(brand, "trust"));
  if (const auto like = text_at(brand, "looks_like"); !like.empty())
    text += ", " + screen.text("brand.seems", {{"other", like}});
  return text;
}

using Said = std::pair<std::string_view, std::string>;

// Each with its value, under `head`; what is not said is left out.
void show_said(Screen& screen, std::string_view head, std::vector<Said> all) {
  std::erase_if(all, [](const Said& said) { return said.second.empty(); });
  if (all.empty()) return;
  screen.line("  " + screen.text(head));
  for (const auto& [label, value] : all) screen.detail(label, value);
}

std::string use_text(const Screen& screen, const json& use) {
  auto text =
      registered_purpose(screen, text_at(use, "purpose")) + ": " + joined(texts_at(use, "fields"));
  if (has_at(use, "retention_days"))
    text += "; " + screen.count("count.kept_days", number_at(use, "retention_days"));
  return text;
}

// Nobody but the brand vouches for it.
void show_facts(Screen& screen, const json& brand) {
  std::vector<std::string> numbers;
  for (const auto& each : list_at(brand, "identifiers"))
    numbers.push_back(text_at(each, "type") + " " + text_at(each, "value"));
  const auto& contacts = object_at(brand, "contacts");
  std::vector<Said> all = {{"brand.legal_name", text_at(brand, "legal_name")},
                           {"brand.identifiers", joined(numbers)},
                           {"brand.privacy", text_at(contacts, "privacy")},
                           {"brand.postal", text_at(contacts, "address")}};
  for (const auto& use : list_at(brand, "uses"))
    all.emplace_back("brand.use", use_text(screen, use));
  all.emplace_back("brand.terms", joined(texts_at(brand, "terms")));
  show_said(screen, "brand.says", std::move(all));
}

void show_wanted_terms(Screen& screen, const json& brand) {
  if (!has_at(brand, "wants_terms")) return;
  const auto& wanted = object_at(brand, "wants_terms");
  const auto word = text_at(wanted, "word");
  screen.detail("brand.wants_terms",
                flag_at(wanted, "signed") ? screen.text("terms.signed", {{"terms", word}}) : word);
}

}  // namespace

void show_brand(Screen& screen, const json& brand) {
  screen.line(text_at(brand, "brand") + "  " + text_at(brand, "name"));
  screen.detail("brand.state", trust_text(screen, brand));
  screen.detail("brand.domain", address_of(screen, brand));
  screen.detail("brand.key", key_of(screen, brand));
  screen.detail("brand.known_since", screen.when(raw_at(brand, "known_since")));
  if (has_at(brand, "renamed")) {
    const auto& renamed = object_at(brand, "renamed");
    screen.detail("brand.renamed",
                  screen.text("brand.renamed_at", {{"from", text_at(renamed, "from")},
                                                   {"when", screen.when(raw_at(renamed, "at"))}}));
  }
  if (flag_at(brand, "muted"))
    screen.detail("brand.muted_label",
                  has_at(brand, "muted_until")
                      ? screen.text("brand.muted_until",
                                    {{"when", screen.when(raw_at(brand, "muted_until"))}})
                      : screen.text("brand.muted_for_good"));
  screen.detail("brand.tags", joined(texts_at(brand, "tags")));
  screen.detail("brand.grants", screen.count("count.grants", number_at(brand, "grants_active")));
  if (has_at(brand, "last_read_at"))
    screen.detail("brand.last_read", screen.when(raw_at(brand, "last_read_at")));
  screen.detail("brand.issuer", text_at(brand, "issuer"));
  show_wanted_terms(screen, brand);
  show_facts(screen, brand);
  show_changed_keys(screen, brand);
}

void show_changed_keys(Screen& screen, const json& brand) {
  if (!has_at(brand, "keys_shown")) return;
  const auto& shown = object_at(brand, "keys_shown");
  screen.say("brand.keys_changed", {{"brand", text_at(brand, "brand")},
                                    {"name", text_at(brand, "name")},
                                    {"before", text_at(brand, "fingerprint")},
                                    {"now", text_at(shown, "fingerprint")},
                                    {"since", screen.when(raw_at(shown, "since"))}});
}

void show_introduction(Screen& screen, const json& brand) {
  const auto text = text_at(brand, "introduction");
  if (text.empty()) {
    if (raw_at(brand, "introduced") == "sent")
      screen.say("brand.introduced", {{"name", text_at(brand, "name")}});
    return;
  }
  screen.say("brand.paste", {{"name", text_at(brand, "name")}});
  screen.verbatim(text);
}

}  // namespace vrm::cli
