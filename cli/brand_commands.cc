// vrm brand add, list, show, block, unblock, mute, unmute, forget.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/brand_name.h"
#include "cli/brand_text.h"
#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/session.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"
#include "vault/base/json.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostDocument = 64 * 1024;

bool is_address(std::string_view typed) {
  return typed.starts_with("https://") || typed.starts_with("http://");
}

// velo.example and 127.0.0.1:7620/vrm-brand.json are hosts, velo.json is a file.
bool looks_like_host(std::string_view typed) {
  const auto host = typed.substr(0, typed.find('/'));
  return !host.empty() && host.find('.') != host.npos && !host.starts_with('.') &&
         !host.ends_with(".json");
}

// On this machine: an address that the vault calls only when it was started so.
bool is_loopback(std::string_view typed) {
  const auto host = typed.substr(std::min(typed.find("://") + 3, typed.size()));
  for (const auto* here : {"127.", "localhost", "[::1]"})
    if (host.starts_with(here)) return true;
  return false;
}

// Why a brand on this machine could not be fetched is seldom the brand.
Error explained_fetch(const std::string& typed, Error failed) {
  if (!is_address(typed) || !is_loopback(typed)) return failed;
  const auto host = typed.substr(typed.find("://") + 3);
  const bool has_port = host.substr(0, host.find('/')).find(':') != host.npos;
  if (failed.say == "outbound.no_answer" && !has_port)
    return refusal(failed.code, "brand.no_port", {{"url", typed}});
  constexpr std::array<std::string_view, 4> kTooNear = {
      "outbound.url_not_https", "outbound.host_not_public", "outbound.address_not_public",
      "outbound.port_not_allowed"};
  if (std::find(kTooNear.begin(), kTooNear.end(), failed.say) == kTooNear.end()) return failed;
  return refusal(failed.code, "brand.loopback", {{"url", typed}});
}

Result<json> source_of(const std::string& typed) {
  if (is_address(typed)) return json{{"url", typed}};
  const auto text = read_file(typed, kMostDocument);
  if (!text.ok() && text.error().code == ErrorCode::NotFound)
    return refusal(ErrorCode::NotFound, looks_like_host(typed) ? "brand.no_file" : "file.none",
                   {{"path", typed}});
  if (!text.ok()) return text.error();
  auto document = read_json(text.value(), JsonLimits{.bytes = kMostDocument, .depth = 32});
  if (!document.ok())
    return refusal(ErrorCode::Malformed, "brand.no_document",
                   {{"file", typed}, {"why", document.error().message}});
  return json{{"document", std::move(document).value()}};
}

Result<void> change(Session& session, std::string_view verb, std::string_view key,
                    std::string_view already, const json& body = json::object()) {
  const auto path = TRY(path_of_brand(session, session.argument(0), verb));
  const auto brand = TRY(session.post(path, body));
  if (session.settings().json)
    session.screen().document(brand);
  else if (!session.settings().quiet)
    session.screen().say(flag_at(brand, "already") ? already : key,
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
  if (session.has("mailbox")) body["mailbox"] = true;
  auto added = session.post(std::string(api::kBrands), body);
  if (!added.ok()) return explained_fetch(session.argument(0), std::move(added).error());
  const auto& brand = added.value();
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
                          screen.word("brand_trust.", text_at(brand, "trust")),
                          std::to_string(number_at(brand, "grants_active"))});
  if (table.rows.empty())
    screen.note("brand.none");
  else
    screen.table(table);
  return {};
}

Result<void> run_brand_show(Session& session) {
  const auto path = TRY(path_of_brand(session, session.argument(0)));
  const auto brand = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(brand);
  else
    show_brand(session.screen(), brand);
  return {};
}

Result<void> run_brand_block(Session& session) {
  return change(session, api::kBlock, "brand.blocked", "brand.blocked_already");
}

Result<void> run_brand_unblock(Session& session) {
  return change(session, api::kUnblock, "brand.unblocked", "brand.unblocked_already");
}

Result<void> run_brand_mute(Session& session) {
  json body = json::object();
  if (const auto typed = session.value("for")) body["for"] = length_from_typed(*typed);
  return change(session, api::kMute, "brand.muted", "brand.muted_already", body);
}

Result<void> run_brand_unmute(Session& session) {
  return change(session, api::kUnmute, "brand.unmuted", "brand.unmuted_already");
}

namespace {

// What goes with a brand, and what it may still owe.
void show_what_goes(Screen& screen, const json& rehearsal) {
  const Gaps with = {{"brand", text_at(rehearsal, "brand")}, {"name", text_at(rehearsal, "name")}};
  constexpr std::pair<const char*, const char*> kCounts[] = {{"grants", "count.grants_all"},
                                                             {"requests", "count.requests_all"},
                                                             {"intents", "count.intents_told"},
                                                             {"offers", "count.offers"}};
  std::vector<std::string> parts;
  for (const auto& [name, key] : kCounts)
    if (const auto n = number_at(rehearsal, name); n > 0) parts.push_back(screen.count(key, n));
  if (parts.empty())
    screen.say("brand.forgets_nothing", with);
  else
    screen.say("brand.forgets", {{"name", text_at(rehearsal, "name")}, {"what", joined(parts)}});
  std::vector<std::string> orders;
  for (const auto& order : list_at(rehearsal, "orders")) {
    const auto number = text_at(order, "order");
    const auto offer = text_at(order, "offer");
    orders.push_back(number.empty() ? offer : number + " (" + offer + ")");
  }
  if (!orders.empty())
    screen.say("brand.forgets_order", {{"name", text_at(rehearsal, "name")},
                                       {"brand", text_at(rehearsal, "brand")},
                                       {"orders", joined(orders)}});
  screen.flush();
}

}  // namespace

Result<void> run_brand_forget(Session& session) {
  const auto path = TRY(path_of_brand(session, session.argument(0)));
  const auto rehearsal = TRY(session.send({"DELETE", api::with_query(path, "dry_run", "1")}));
  const Gaps with = {{"brand", text_at(rehearsal, "brand")}, {"name", text_at(rehearsal, "name")}};
  if (!session.settings().yes) {
    TRY(session.asks());
    if (!session.settings().json) show_what_goes(session.screen(), rehearsal);
  }
  TRY(session.confirm("ask.forget_brand", with));
  // What was shown is what goes, whatever was typed.
  const auto shown = TRY(api::path_to(api::kBrands, raw_at(rehearsal, "brand")));
  const auto forgotten = TRY(session.send({"DELETE", shown}));
  auto& screen = session.screen();
  if (session.settings().json)
    screen.document(forgotten);
  else if (!session.settings().quiet)
    screen.say(number_at(forgotten, "reads") > 0 ? "brand.forgotten_read" : "brand.forgotten",
               with);
  return {};
}

}  // namespace vrm::cli
