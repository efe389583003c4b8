// vrm brand refresh, keys, trust, untrust, introduce: who a brand is, after it was added.

#include <nlohmann/json.hpp>

#include "cli/brand_name.h"
#include "cli/brand_text.h"
#include "cli/command.h"
#include "cli/document.h"
#include "cli/session.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

Gaps named(const json& brand) {
  return {{"brand", text_at(brand, "brand")}, {"name", text_at(brand, "name")}};
}

Result<void> mark(Session& session, std::string_view verb, std::string_view done,
                  std::string_view already) {
  const auto path = TRY(path_of_brand(session, session.argument(0), verb));
  const auto brand = TRY(session.post(path));
  if (session.settings().json)
    session.screen().document(brand);
  else if (!session.settings().quiet)
    session.screen().say(flag_at(brand, "already") ? already : done, named(brand));
  return {};
}

void show_refreshed(Screen& screen, const json& brand) {
  if (has_at(brand, "keys_shown")) return show_changed_keys(screen, brand);
  std::vector<std::string> changes;
  for (const auto& change : texts_at(brand, "changes"))
    changes.push_back(screen.word("log_reason.", change));
  if (changes.empty()) return screen.say("brand.refreshed_same", named(brand));
  auto with = named(brand);
  with.emplace_back("changes", joined(changes));
  screen.say("brand.refreshed", with);
}

Result<void> accept_keys(Session& session, const json& brand) {
  auto& screen = session.screen();
  if (!session.settings().yes) {
    TRY(session.asks());
    if (!session.settings().json) show_changed_keys(screen, brand);
    screen.flush();
  }
  TRY(session.confirm("ask.accept_keys", named(brand)));
  // What was shown is what is pinned: other keys that come meanwhile are refused.
  const auto& shown = object_at(brand, "keys_shown");
  const auto path = TRY(api::path_to(api::kBrands, raw_at(brand, "brand"), api::kBrandKeys));
  const auto accepted = TRY(session.post(path, {{"fingerprint", raw_at(shown, "fingerprint")}}));
  if (session.settings().json)
    screen.document(accepted);
  else if (!session.settings().quiet)
    screen.say("brand.keys_accepted", named(accepted));
  return {};
}

}  // namespace

Result<void> run_brand_refresh(Session& session) {
  const auto path = TRY(path_of_brand(session, session.argument(0), api::kRefresh));
  const auto brand = TRY(session.post(path));
  if (session.settings().json)
    session.screen().document(brand);
  else if (!session.settings().quiet)
    show_refreshed(session.screen(), brand);
  return {};
}

Result<void> run_brand_keys(Session& session) {
  const auto path = TRY(path_of_brand(session, session.argument(0)));
  const auto brand = TRY(session.get(path));
  const bool changed = has_at(brand, "keys_shown");
  if (changed && session.has("accept")) return accept_keys(session, brand);
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(brand);
  } else if (changed) {
    show_changed_keys(screen, brand);
  } else {
    auto with = named(brand);
    with.emplace_back("key", text_at(brand, "fingerprint"));
    screen.say("brand.keys_pinned", with);
  }
  return {};
}

Result<void> run_brand_trust(Session& session) {
  return mark(session, api::kTrust, "brand.trusted", "brand.trusted_already");
}

Result<void> run_brand_untrust(Session& session) {
  return mark(session, api::kUntrust, "brand.untrusted", "brand.untrusted_already");
}

Result<void> run_brand_introduce(Session& session) {
  const auto path = TRY(path_of_brand(session, session.argument(0), api::kIntroduce));
  const auto brand = TRY(session.post(path, {{"print", session.has("paste")}}));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(brand);
  } else if (session.has("paste")) {
    screen.verbatim(text_at(brand, "introduction"));
  } else {
    show_introduction(screen, brand);
  }
  return {};
}

}  // namespace vrm::cli
