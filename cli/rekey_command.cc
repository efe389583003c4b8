// vrm rekey.

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/progress.h"
#include "cli/secret_call.h"
#include "cli/sheet.h"
#include "cli/terminal.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

bool has_any(const Session& session, std::initializer_list<std::string_view> flags) {
  for (const auto flag : flags)
    if (session.has(flag)) return true;
  return false;
}

bool wants_fresh(const Session& session) {
  return has_any(
      session, {"new-passphrase", "new-password-fd", "new-password-file", "new-password-command"});
}

// What the flags say will be asked for.
Slot opener_of(const Session& session) {
  if (session.has("credential-file")) return Slot::Credential;
  if (has_any(session, {"words", "words-fd", "words-file"})) return Slot::Recovery;
  return Slot::Passphrase;
}

// What opens the vault now and will not afterwards, for a person; "" when nothing ends.
std::string what_ends(Session& session, const json& status) {
  const auto& keys = object_at(object_at(status, "vault"), "keys");
  const Slot opener = opener_of(session);
  std::string ends;
  const auto add = [&](bool is_ending, std::string_view key) {
    if (is_ending) ends += (ends.empty() ? "" : ", ") + session.screen().text(key);
  };
  add(flag_at(keys, "passphrase") && opener != Slot::Passphrase && !wants_fresh(session),
      "rekey.ends_passphrase");
  add(flag_at(keys, "credential") && opener != Slot::Credential, "rekey.ends_credential");
  add(flag_at(keys, "recovery"), "rekey.ends_words");
  return ends;
}

Result<json> send(Session& session) {
  const bool fresh = wants_fresh(session);
  const bool asks = asks_person(session.flags(), session.settings()) ||
                    (fresh && asks_new_passphrase(session.flags(), session.settings()));
  const Hush hush(asks);
  const std::string path(api::kRekey);
  const auto ask = [&] {
    return secret_to_open(session.flags(), session.screen(),
                          fresh ? "ask.present_passphrase" : "ask.passphrase");
  };
  std::optional<WipedText> passphrase;  // asked for once
  const auto send_opener = [&](const SlotSecret& opener) -> Result<json> {
    if (fresh && !passphrase) passphrase = TRY(new_passphrase(session.flags(), session.screen()));
    const ProgressWatch watch(session);
    if (!fresh) return send_secret(session, path, opener);
    return send_secrets(session, api::with_query(path, "fresh", "1"), opener, *passphrase);
  };
  return until_it_opens(session, ask, send_opener);
}

Result<void> show(Session& session, json& answer, const File& file, const json& status) {
  Result<void> shown;
  const bool to_file = file.fd() >= 0;
  if (has_words(status) && (!session.settings().json || to_file))
    shown = write_sheet(session, file, list_at(answer, "words"),
                        text_at(object_at(status, "vault"), "folder"));
  if (to_file) wipe_words(answer);
  if (to_file) answer["words"] = nullptr;
  if (session.settings().json) session.screen().document(answer);
  wipe_words(answer);
  return shown;
}

}  // namespace

Result<void> run_rekey(Session& session) {
  const auto before = TRY(open_vault(session));
  if (opener_of(session) == Slot::Recovery && !wants_fresh(session))
    return refusal(ErrorCode::Malformed, "rekey.needs_passphrase");
  const auto ends = what_ends(session, before);
  if (ends.empty())
    TRY(session.confirm("ask.rekey_all_stay", {}));
  else
    TRY(session.confirm("ask.rekey", {{"ends", ends}}));
  auto opened = has_words(before) ? sheet_file(session) : Result<File>(File(-1));
  const File file = TRY(std::move(opened));
  auto sent = send(session);
  if (!sent.ok() && file.fd() >= 0) unlink(session.value("output")->c_str());
  auto answer = TRY(std::move(sent));
  TRY(show(session, answer, file, before));
  if (has_words(before)) session.screen().note("recovery.made");
  session.screen().note("rekey.done");
  session.screen().note("rekey.old_copies");
  return {};
}

}  // namespace vrm::cli
