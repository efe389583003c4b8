// vrm terms, terms want, terms unwant: the agreements that a brand may accept, and which it must name when it asks.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/session.h"
#include "vault/api/paths.h"
#include "vault/base/ascii.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string wanted_text(const Screen& screen, const json& wanted) {
  return flag_at(wanted, "signed")
             ? screen.text("terms.signed", {{"terms", text_at(wanted, "word")}})
             : text_at(wanted, "word");
}

void show_wanted(Screen& screen, const json& terms) {
  for (const auto& wanted : list_at(terms, "wanted"))
    screen.line(screen.text("terms.wanted_of", {{"brand", text_at(wanted, "brand")},
                                                {"terms", wanted_text(screen, wanted)}}));
  if (has_at(terms, "wanted_of_new"))
    screen.line(screen.text("terms.wanted_of_new",
                            {{"terms", wanted_text(screen, object_at(terms, "wanted_of_new"))}}));
  else if (list_at(terms, "wanted").empty())
    screen.note("terms.none_wanted");
}

Result<json> of_whom(const Session& session) {
  json body = json::object();
  if (const auto brand = session.value("brand")) body["brand"] = *brand;
  if (session.has("all")) body["all"] = true;
  if (body.size() != 1) return refusal(ErrorCode::Malformed, "terms.of_whom");
  return body;
}

Result<void> change_wanted(Session& session, std::string_view path, const json& body) {
  const auto terms = TRY(session.post(std::string(path), body));
  if (session.settings().json)
    session.screen().document(terms);
  else if (!session.settings().quiet)
    show_wanted(session.screen(), terms);
  return {};
}

}  // namespace

Result<void> run_terms(Session& session) {
  const auto terms = TRY(session.get(std::string(api::kTerms)));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(terms);
    return {};
  }
  const auto& typed = session.arguments();
  bool found = false;
  for (const auto& each : list_at(terms, "items")) {
    const auto word = text_at(each, "word");
    const bool is_meant =
        typed.empty() || same_but_case(word, typed[0]) || raw_at(each, "id") == typed[0];
    if (!is_meant) continue;
    found = true;
    screen.line(word);
    screen.line("  " + terms_said(screen, each));
    if (typed.empty()) continue;
    screen.detail("terms.id", text_at(each, "id"));
    screen.detail("terms.digest", text_at(each, "digest"));
  }
  if (!found) return refusal(ErrorCode::NotFound, "terms.unknown", {{"terms", typed[0]}});
  if (typed.empty()) show_wanted(screen, terms);
  return {};
}

Result<void> run_terms_want(Session& session) {
  json body = TRY(of_whom(session));
  body["id"] = session.argument(0);
  if (session.has("signed")) body["signed"] = true;
  return change_wanted(session, api::kTermsWant, body);
}

Result<void> run_terms_unwant(Session& session) {
  const json body = TRY(of_whom(session));
  return change_wanted(session, api::kTermsUnwant, body);
}

}  // namespace vrm::cli
