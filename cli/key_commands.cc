// vrm passwd, recover, recovery sheet, recovery check.

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/secret_call.h"
#include "cli/sheet.h"
#include "cli/status.h"
#include "cli/terminal.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

const json& vault_of(const json& status) {
  return object_at(status, "vault");
}

Result<json> vault_with_words(Session& session) {
  auto status = TRY(session.get(std::string(api::kStatus)));
  if (text_at(vault_of(status), "state") == "empty")
    return refusal(ErrorCode::NotFound, api::kNoVault);
  if (!has_words(status)) return refusal(ErrorCode::NotFound, "recovery.none");
  return status;
}

void done(Session& session, const json& document, std::string_view key) {
  if (session.settings().json) return session.screen().document(document);
  if (session.settings().quiet) return;
  session.screen().say(key, {{"state", state_text(session.screen(), document)}});
}

// The new passphrase is asked for once: it stays when what opens the vault is typed again. What is typed is tried by
// `check` first, where one is given, so that nobody invents a passphrase in vain.
Result<json> send_with_fresh(Session& session, std::string_view path, const AsksOpener& ask,
                             std::string_view check = {}) {
  std::optional<WipedText> fresh;
  const auto send = [&](const SlotSecret& opener) -> Result<json> {
    if (!fresh && opener.asked && !check.empty())
      TRY(send_secret(session, std::string(check), opener));
    if (!fresh) fresh = TRY(new_passphrase(session.flags(), session.screen()));
    return send_secrets(session, std::string(path), opener, *fresh);
  };
  return until_it_opens(session, ask, send);
}

// Asks for the opener and shows what the daemon made. A file that gets no words is not left behind.
Result<void> make_sheet(Session& session, const File& file, const json& status) {
  json answer;
  {
    const Hush hush(asks_person(session.flags(), session.settings()));
    const auto ask = [&] { return secret_to_open(session.flags(), session.screen()); };
    const auto send = [&](const SlotSecret& opener) {
      return send_secret(session, std::string(api::kRecovery), opener);
    };
    answer = TRY(until_it_opens(session, ask, send));
  }
  if (session.settings().json && file.fd() < 0) {
    session.screen().document(answer);
  } else {
    TRY(write_sheet(session, file, list_at(answer, "words"), text_at(vault_of(status), "folder")));
  }
  wipe_words(answer);
  return {};
}

}  // namespace

Result<void> run_passwd(Session& session) {
  const auto before = TRY(open_vault(session));
  if (!has_words(before)) session.screen().note("passwd.no_words");
  const bool asks = asks_person(session.flags(), session.settings()) ||
                    asks_new_passphrase(session.flags(), session.settings());
  const Hush hush(asks);
  const auto ask = [&] {
    return secret_to_open(session.flags(), session.screen(), "ask.present_passphrase");
  };
  const auto status = TRY(send_with_fresh(session, api::kPassphrase, ask));
  done(session, status, "passwd.done");
  session.screen().note("passwd.old_copies");
  return {};
}

Result<void> run_recover(Session& session) {
  TRY(vault_with_words(session));
  const Hush hush(!session.settings().no_input);
  const auto ask = [&] { return words_to_open(session.flags(), session.screen()); };
  const auto status = TRY(send_with_fresh(session, api::kRecover, ask, api::kRecoveryCheck));
  done(session, status, "recover.done");
  note_wrong_tries(session.screen(), status);
  session.screen().note("passwd.old_copies");
  return {};
}

Result<void> run_recovery_sheet(Session& session) {
  const auto before = TRY(open_vault(session));
  if (has_words(before)) TRY(session.confirm("ask.replace_words", {}));
  const File file = TRY(sheet_file(session));
  const auto made = make_sheet(session, file, before);
  if (!made.ok()) {
    if (file.fd() >= 0) unlink(session.value("output")->c_str());
    return made;
  }
  session.screen().note("recovery.made");
  if (has_words(before)) session.screen().note("recovery.former_gone");
  return {};
}

Result<void> run_recovery_check(Session& session) {
  TRY(vault_with_words(session));
  const Hush hush(!session.settings().no_input);
  const auto ask = [&] { return words_to_open(session.flags(), session.screen()); };
  const auto send = [&](const SlotSecret& words) {
    return send_secret(session, std::string(api::kRecoveryCheck), words);
  };
  const auto answer = TRY(until_it_opens(session, ask, send));
  if (session.settings().json)
    session.screen().document(answer);
  else if (!session.settings().quiet)
    session.screen().say("recovery.opens");
  return {};
}

}  // namespace vrm::cli
