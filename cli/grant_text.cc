#include "cli/grant_text.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string brand_text(const json& grant) {
  const auto name = text_at(grant, "brand_name");
  return name.empty() ? text_at(grant, "brand") : name + " (" + text_at(grant, "brand") + ")";
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
  if (const auto length = session.value("for")) {
    TRY(duration_from_text(*length));
    body["for"] = *length;
  }
  const auto reads = TRY(session.number("max-reads"));
  if (reads) body["max_reads"] = *reads;
  if (session.has("served-while-locked")) body["served_while_locked"] = true;
  return {};
}

std::string reads_text(const json& grant) {
  const auto& reads = object_at(grant, "reads");
  const auto used = std::to_string(number_at(reads, "used"));
  return has_at(reads, "max") ? used + " / " + std::to_string(number_at(reads, "max")) : used;
}

void show_grant(Screen& screen, const json& grant) {
  screen.line(text_at(grant, "id") + "  " + brand_text(grant));
  screen.detail("grant.state", screen.word("grant_state.", text_at(grant, "state")));
  for (const auto& field : texts_at(grant, "fields")) screen.detail("grant.may_read", field);
  screen.detail("grant.purpose", text_at(grant, "purpose"));
  screen.detail("grant.until", screen.when(raw_at(grant, "expires_at")));
  screen.detail("grant.reads", reads_text(grant));
  screen.detail("grant.last_read", screen.when(raw_at(grant, "last_read_at")));
  screen.detail(
      "grant.while_locked",
      screen.text(flag_at(grant, "served_while_locked") ? "grant.served" : "grant.not_served"));
  screen.detail("grant.revoked", screen.when(raw_at(grant, "revoked_at")));
}

}  // namespace vrm::cli
