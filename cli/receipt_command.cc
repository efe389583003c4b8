// vrm receipt check: what somebody shows as a receipt of this vault.

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/grant_text.h"
#include "cli/session.h"
#include "vault/api/paths.h"
#include "vault/base/ascii.h"
#include "vault/base/json.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostTypedBytes = 32 * 1024;
constexpr Duration kCheckPatience = std::chrono::minutes(5);  // a long log is read as a whole

// A mail or a terminal breaks a line that long: white space is no part of a receipt.
Result<std::string> typed_receipt(const std::string& file) {
  auto text = TRY(file == "-" ? read_to_end(STDIN_FILENO, kMostTypedBytes)
                              : read_file(file, kMostTypedBytes));
  std::erase_if(text, is_space);
  return text;
}

void show_receipt(Screen& screen, const json& receipt) {
  if (!flag_at(receipt, "genuine")) return screen.say("receipt.stranger");
  screen.say("receipt.head",
             {{"name", text_at(receipt, "brand_name")}, {"brand", text_at(receipt, "brand")}});
  screen.detail("receipt.when", screen.when(raw_at(receipt, "at")));
  screen.detail("receipt.grant", text_at(receipt, "grant"));
  for (const auto& field : texts_at(receipt, "fields")) screen.detail("receipt.field", field);
  screen.detail("grant.purpose", purpose_text(screen, receipt));
  screen.detail("terms.under", accepted_terms_text(screen, receipt));
  if (has_at(receipt, "record"))
    screen.say("receipt.recorded", {{"record", std::to_string(number_at(receipt, "record"))}});
}

// Exit 12 when the receipt shows that the vault is not what it was.
Result<void> verdict_on(const json& receipt) {
  if (flag_at(receipt, "rolled_back"))
    return refusal(ErrorCode::Corrupt, "receipt.rolled_back",
                   {{"n", std::to_string(number_at(receipt, "suspended"))}});
  if (!has_at(receipt, "record")) return refusal(ErrorCode::Corrupt, "receipt.not_recorded");
  return {};
}

}  // namespace

Result<void> run_receipt_check(Session& session) {
  const auto text = TRY(typed_receipt(session.argument(0)));
  const json body = {{"receipt", text}};
  const auto receipt = TRY(session.send(
      {"POST", std::string(api::kReceiptCheck), write_json(body), BodyKind::Json, kCheckPatience}));
  if (session.settings().json)
    session.screen().document(receipt);
  else
    show_receipt(session.screen(), receipt);
  return verdict_on(receipt);
}

}  // namespace vrm::cli
