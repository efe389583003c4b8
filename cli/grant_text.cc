#include "cli/grant_text.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/typed_date.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string brand_text(const json& grant) {
  const auto name = text_at(grant, "brand_name");
  return name.empty() ? text_at(grant, "brand") : name + " (" + text_at(grant, "brand") + ")";
}

// A number too large for a length of time is one all the same.
bool is_number_and_unit(std::string_view text) {
  const auto unit = text.find_first_not_of("0123456789");
  return unit > 0 && unit + 1 == text.size() &&
         std::string_view("smhdw").find(text[unit]) != text.npos;
}

bool is_nothing(std::string_view text) {
  return is_number_and_unit(text) && text.find_first_not_of('0') + 1 == text.size();
}

Result<void> check_length(const std::string& typed) {
  if (typed == "once") return {};
  const auto length = duration_from_text(typed);
  if (is_nothing(typed)) return refusal(ErrorCode::Malformed, "grant.no_time", {{"for", typed}});
  if (!length.ok() && is_number_and_unit(typed))
    return refusal(ErrorCode::Malformed, "grant.too_long", {{"for", typed}});
  if (!length.ok()) return refusal(ErrorCode::Malformed, "grant.no_length", {{"for", typed}});
  return {};
}

}  // namespace

std::vector<std::string> fields_from(std::string_view typed) {
  std::vector<std::string> fields;
  while (!typed.empty()) {
    const auto end = typed.find(',');
    if (end != 0) fields.emplace_back(typed.substr(0, end));
    typed = end == typed.npos ? std::string_view() : typed.substr(end + 1);
  }
  return fields;
}

Result<void> add_terms(const Session& session, json& body) {
  if (const auto typed = session.value("for")) {
    const auto length = length_from_typed(*typed);
    TRY(check_length(length));
    body["for"] = length;
  }
  const auto reads = TRY(session.number("max-reads"));
  if (reads) body["max_reads"] = *reads;
  if (session.has("served-while-locked")) body["served_while_locked"] = true;
  return {};
}

std::string terms_said(const Screen& screen, const json& terms) {
  const bool french = screen.settings().language == words::Language::French;
  return text_at(terms, french ? "says_fr" : "says_en");
}

std::string accepted_terms_text(const Screen& screen, const json& document) {
  if (!has_at(document, "terms")) return {};
  const auto& terms = object_at(document, "terms");
  const auto word = text_at(terms, "word");
  return flag_at(terms, "signed") ? screen.text("terms.signed_by_brand", {{"terms", word}}) : word;
}

std::string purpose_text(const Screen& screen, const json& document) {
  const bool french = screen.settings().language == words::Language::French;
  const auto label = text_at(document, french ? "purpose_label_fr" : "purpose_label_en");
  const auto word = text_at(document, "purpose");
  return label.empty() || label == word
             ? word
             : screen.text("purpose.labelled", {{"word", word}, {"label", label}});
}

std::vector<std::string> over_asking_texts(const Screen& screen, const json& document) {
  std::vector<std::string> lines;
  if (flag_at(document, "unregistered_purpose"))
    lines.push_back(screen.text("request.unregistered_purpose"));
  if (flag_at(document, "unregistered_retention"))
    lines.push_back(screen.text(
        "request.unregistered_retention",
        {{"days", screen.count("count.days", number_at(document, "registered_days"))}}));
  return lines;
}

void note_shortfalls(Screen& screen, const json& grant) {
  for (const auto& field : texts_at(grant, "missing"))
    screen.note("grant.missing", {{"field", field}, {"brand", text_at(grant, "brand")}});
  screen.notes(grant);
}

std::string reads_text(const json& grant) {
  const auto& reads = object_at(grant, "reads");
  const auto used = std::to_string(number_at(reads, "used"));
  return has_at(reads, "max") ? used + "/" + std::to_string(number_at(reads, "max")) : used;
}

void show_grant(Screen& screen, const json& grant) {
  screen.line(text_at(grant, "id") + "  " + brand_text(grant));
  screen.detail("grant.state", screen.word("grant_state.", text_at(grant, "state")));
  for (const auto& field : texts_at(grant, "fields")) screen.detail("grant.may_read", field);
  screen.detail("grant.purpose", purpose_text(screen, grant));
  screen.detail("terms.under", accepted_terms_text(screen, grant));
  screen.detail("grant.until", screen.when(raw_at(grant, "expires_at")));
  screen.detail("grant.reads", reads_text(grant));
  screen.detail("grant.last_read", screen.when(raw_at(grant, "last_read_at")));
  screen.detail(
      "grant.while_locked",
      screen.text(flag_at(grant, "served_while_locked") ? "grant.served" : "grant.not_served"));
  screen.detail("grant.renewed", screen.when(raw_at(grant, "renewed_at")));
  screen.detail("grant.revoked", screen.when(raw_at(grant, "revoked_at")));
  screen.detail("grant.unused", screen.when(raw_at(grant, "unused_at")));
}

}  // namespace vrm::cli
