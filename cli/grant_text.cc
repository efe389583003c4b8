#include "cli/grant_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/sight_text.h"
#include "cli/terminal.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"
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

namespace {

// FIELD=VALUE, or FIELD alone, whose value is typed.
Result<void> add_alias(Session& session, json& body, const std::string& typed) {
  const auto split = typed.find('=');
  const std::string field = typed.substr(0, split);
  if (field.empty()) return refusal(ErrorCode::Malformed, "usage.alias", {{"typed", typed}});
  if (body.contains("alias") && body["alias"].contains(field))
    return refusal(ErrorCode::Malformed, "grant.field_twice", {{"field", field}});
  if (split != typed.npos) {
    body["alias"][field] = typed.substr(split + 1);
    return {};
  }
  if (session.settings().no_input || !has_terminal())
    return refusal(ErrorCode::Malformed, "usage.alias", {{"typed", typed}});
  const auto question = session.screen().question("ask.alias", {{"field", field}});
  const auto value = TRY(ask(question, Echo::Shown));
  body["alias"][field] = std::string(value.view());
  return {};
}

}  // namespace

Result<void> add_forms(Session& session, json& body) {
  for (const auto& typed : session.values("coarse")) {
    const auto split = typed.find('=');
    if (split == typed.npos || split == 0 || split + 1 == typed.size())
      return refusal(ErrorCode::Malformed, "usage.coarse", {{"typed", typed}});
    const std::string field = typed.substr(0, split);
    if (body.contains("coarse") && body["coarse"].contains(field))
      return refusal(ErrorCode::Malformed, "grant.field_twice", {{"field", field}});
    body["coarse"][field] = typed.substr(split + 1);
  }
  for (const auto& typed : session.values("once"))
    for (const auto& field : fields_from(typed)) body["once"].push_back(field);
  for (const auto& typed : session.values("alias")) TRY(add_alias(session, body, typed));
  if (const auto offer = session.value("while-order")) body["while_order"] = *offer;
  return {};
}

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> given_texts(const Screen& screen, const json& document, const char* name) {
  std::vector<std::string> texts;
  const auto& coarse = object_at(document, "coarse");
  const auto once = texts_at(document, "once");
  const auto once_read = texts_at(document, "once_read");
  for (const auto& field : texts_at(document, name)) {
    std::vector<std::string> forms;
    if (object_at(document, "alias").contains(field)) forms.push_back(screen.text("grant.alias"));
    for (const auto& [asked, claim] : coarse.items())
      if (claim == field) forms.push_back(screen.text("grant.in_place_of", {{"field", asked}}));
    if (holds(once_read, field))
      forms.push_back(screen.text("grant.once_read"));
    else if (holds(once, field))
      forms.push_back(screen.text("grant.once"));
    texts.push_back(forms.empty() ? field : field + " (" + joined(forms) + ")");
  }
  return texts;
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
        number_at(document, "retention_days") > 0 ? "request.unregistered_retention"
                                                  : "request.retention_not_said",
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
  for (const auto& field : given_texts(screen, grant, "fields"))
    screen.detail("grant.may_read", field);
  if (const auto offer = text_at(grant, "while_order"); !offer.empty())
    screen.detail("grant.while_order", offer);
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

Result<void> show_preview(Session& session, const std::string& path, const json& body) {
  const auto grant = TRY(session.post(api::with_query(path, "dry_run", "1"), body));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(grant);
    return {};
  }
  show_lets_see(screen, grant);
  screen.say("grant.nothing_given");
  return {};
}

}  // namespace vrm::cli
