// vrm forget: grants and intents that are over are erased.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/session.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// Where an id of this kind is erased. Malformed: it is of neither kind, or no id.
Result<std::string> path_of(Session& session, const std::string& id) {
  const bool is_grant = id.starts_with("gr_");
  if (!is_grant && !id.starts_with("in_"))
    return refusal(ErrorCode::Malformed, "forget.which", {{"typed", id}});
  const std::string_view base = is_grant ? api::kGrants : api::kIntents;
  TRY(check_typed_id(session, id, std::string(base) + "?all=1"));
  return api::path_to(base, id);
}

}  // namespace

Result<void> run_forget(Session& session) {
  const auto& ids = session.arguments();
  for (const auto& id : ids) {
    const auto path = TRY(path_of(session, id));
    if (!session.settings().yes)
      TRY(session.send({"DELETE", api::with_query(path, "dry_run", "1")}));
  }
  TRY(session.confirm("ask.forget", {{"ids", joined(ids)}}));
  json items = json::array();
  for (const auto& id : ids) {
    const auto path = TRY(path_of(session, id));
    auto erased = TRY(session.send({"DELETE", path}));
    if (!session.settings().json && !session.settings().quiet)
      session.screen().say("forget.done", {{"id", text_at(erased, "id")}});
    items.push_back(std::move(erased));
  }
  if (session.settings().json)
    session.screen().document({{"schema", "vrm.erased_all/1"}, {"items", std::move(items)}});
  return {};
}

}  // namespace vrm::cli
