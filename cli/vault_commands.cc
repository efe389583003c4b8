// vrm init, unlock, lock, seal.

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/secret_call.h"
#include "cli/secret_source.h"
#include "cli/status.h"
#include "cli/terminal.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

std::string state_of(const json& status) {
  return text_at(object_at(status, "vault"), "state");
}

void show_state(Session& session, const json& status, std::string_view key) {
  if (session.settings().json) return session.screen().document(status);
  if (session.settings().quiet) return;
  const auto& vault = object_at(status, "vault");
  session.screen().say(
      key, {{"state", state_text(session.screen(), status)}, {"folder", text_at(vault, "folder")}});
}

// A wrong passphrase that was typed may be typed again.
Result<json> unlock_with(Session& session, const std::string& path) {
  const Hush hush(asks_person(session.flags(), session.settings()));
  return until_it_opens(
      session, [&] { return secret_to_open(session.flags(), session.screen()); },
      [&](const SlotSecret& opener) { return send_secret(session, path, opener); });
}

}  // namespace

Result<void> run_init(Session& session) {
  const auto before = TRY(session.get(std::string(api::kStatus)));
  const auto folder = text_at(object_at(before, "vault"), "folder");
  if (state_of(before) != "empty")
    return refusal(ErrorCode::Conflict, "vault.exists", {{"folder", folder}});
  session.screen().note("init.intro", {{"folder", folder}});
  const Hush hush(asks_person(session.flags(), session.settings()));
  const auto slot = TRY(secret_to_make(session.flags(), session.screen()));
  const auto made = send_secret(session, std::string(api::kInit), slot);
  if (!made.ok()) {
    // A credential that opens nothing is not left behind.
    if (slot.slot == Slot::Credential) unlink(session.value("credential-file")->c_str());
    return made.error();
  }
  session.screen().note(slot.slot == Slot::Credential ? "init.keep_credential"
                                                      : "init.keep_passphrase");
  show_state(session, made.value(), "init.done");
  return {};
}

Result<void> run_unlock(Session& session) {
  const auto before = TRY(session.get(std::string(api::kStatus)));
  const auto state = state_of(before);
  if (state == "empty") return refusal(ErrorCode::NotFound, api::kNoVault);
  const bool rescue = session.has("rescue");
  if (state == "open" && !rescue) {
    show_state(session, before, "unlock.already");
    return {};
  }
  std::string path(api::kUnlock);
  if (rescue) path = api::with_query(path, "mode", "rescue");
  const auto status = TRY(unlock_with(session, path));
  show_state(session, status, rescue ? "unlock.rescue" : "unlock.done");
  note_wrong_tries(session.screen(), status);
  return {};
}

Result<void> run_lock(Session& session) {
  const auto status = TRY(session.post(std::string(api::kLock)));
  const auto served = served_lines(session.screen(), status);
  const bool sealed = state_of(status) == "sealed";
  show_state(session, status,
             sealed           ? "seal.done"
             : served.empty() ? "lock.done"
                              : "lock.done_serving");
  if (session.settings().json || session.settings().quiet) return {};
  for (const auto& line : served) session.screen().line("  " + line);
  return {};
}

Result<void> run_seal(Session& session) {
  const auto status = TRY(session.post(std::string(api::kSeal)));
  show_state(session, status, "seal.done");
  return {};
}

}  // namespace vrm::cli
