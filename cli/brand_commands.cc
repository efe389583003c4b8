// vrm brand add, list, show, block, unblock.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/session.h"
#include "vault/api/paths.h"
#include "vault/base/json.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostDocument = 64 * 1024;

std::string address_of(const Screen& screen, const json& brand) {
  const auto* key = flag_at(brand, "address_checked") ? "brand.checked" : "brand.not_checked";
  return text_at(brand, "domain") + " (" + screen.text(key) + ")";
}

void show_brand(Screen& screen, const json& brand) {
  screen.line(text_at(brand, "brand") + "  " + text_at(brand, "name"));
  screen.detail("brand.state", screen.word("brand_state.", text_at(brand, "state")));
  screen.detail("brand.domain", address_of(screen, brand));
  screen.detail("brand.key", text_at(brand, "fingerprint"));
  screen.detail("brand.known_since", screen.when(raw_at(brand, "known_since")));
  screen.detail("brand.tags", joined(texts_at(brand, "tags")));
  screen.detail("brand.grants", screen.count("count.grants", number_at(brand, "grants_active")));
  if (has_at(brand, "last_read_at"))
    screen.detail("brand.last_read", screen.when(raw_at(brand, "last_read_at")));
  screen.detail("brand.issuer", text_at(brand, "issuer"));
}

void show_introduction(Screen& screen, const json& brand) {
  if (raw_at(brand, "introduced") == "sent")
    return screen.say("brand.introduced", {{"name", text_at(brand, "name")}});
  const auto text = text_at(brand, "introduction");
  if (text.empty()) return;
  screen.say("brand.paste", {{"name", text_at(brand, "name")}});
  screen.line(text);
}

bool is_address(std::string_view typed) {
  return typed.starts_with("https://") || typed.starts_with("http://");
}

Result<json> source_of(const std::string& typed) {
  if (is_address(typed)) return json{{"url", typed}};
  const auto text = TRY(read_file(typed, kMostDocument));
  auto document = read_json(text, JsonLimits{.bytes = kMostDocument, .depth = 32});
  if (!document.ok())
    return refusal(ErrorCode::Malformed, "brand.no_document",
                   {{"file", typed}, {"why", document.error().message}});
  return json{{"document", std::move(document).value()}};
}

Result<void> change(Session& session, std::string_view verb, std::string_view key) {
  const auto path = TRY(api::path_to(api::kBrands, session.argument(0), verb));
  const auto brand = TRY(session.post(path));
  if (session.settings().json)
    session.screen().document(brand);
  else if (!session.settings().quiet)
    session.screen().say(key,
                         {{"brand", text_at(brand, "brand")}, {"name", text_at(brand, "name")}});
  return {};
}

}  // namespace

Result<void> run_brand_add(Session& session) {
  auto body = TRY(source_of(session.argument(0)));
  if (const auto name = session.value("name")) body["name"] = *name;
  if (const auto tags = session.flags().find("tag"); tags != session.flags().end())
    body["tags"] = tags->second;
  if (session.has("new")) body["new"] = true;
  const auto brand = TRY(session.post(std::string(api::kBrands), body));
  if (session.settings().json) {
    session.screen().document(brand);
    return {};
  }
  show_brand(session.screen(), brand);
  show_introduction(session.screen(), brand);
  return {};
}

Result<void> run_brand_list(Session& session) {
  const auto brands = TRY(session.get(std::string(api::kBrands)));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(brands);
    return {};
  }
  Table table{{"head.brand", "head.name", "head.domain", "head.state", "head.grants"}, {}};
  for (const auto& brand : list_at(brands, "items"))
    table.rows.push_back({text_at(brand, "brand"), text_at(brand, "name"), text_at(brand, "domain"),
                          screen.word("brand_state.", text_at(brand, "state")),
                          std::to_string(number_at(brand, "grants_active"))});
  if (table.rows.empty())
    screen.note("brand.none");
  else
    screen.table(table);
  return {};
}

Result<void> run_brand_show(Session& session) {
  const auto path = TRY(api::path_to(api::kBrands, session.argument(0)));
  const auto brand = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(brand);
  else
    show_brand(session.screen(), brand);
  return {};
}

Result<void> run_brand_block(Session& session) {
  return change(session, api::kBlock, "brand.blocked");
}

Result<void> run_brand_unblock(Session& session) {
  return change(session, api::kUnblock, "brand.unblocked");
}

}  // namespace vrm::cli
