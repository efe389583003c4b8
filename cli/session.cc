#include "cli/session.h"

#include <poll.h>
#include <unistd.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/interrupt.h"
#include "cli/kept_options.h"
#include "cli/terminal.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"
#include "vault/base/ascii.h"
#include "vault/base/json.h"

namespace vrm::cli {

using nlohmann::json;

namespace {

constexpr int kLooksAgain = 20;
constexpr int kPauseMs = 100;

// A POST that looks, compares or rehearses leaves all as it was.
bool changes_something(const ApiCall& call) {
  const std::string_view path = call.path;
  for (const auto looks : {api::kVerify, api::kLogVerify, api::kRecoveryCheck, api::kBackupCheck})
    if (path == looks) return false;
  if (path.ends_with("/" + std::string(api::kIntentOffers))) return false;
  return path.find("dry_run=1") == path.npos && path.find("preview=1") == path.npos;
}

enum class Said { Yes, No, Neither };

// In either language.
Said yes_or_no(std::string_view typed) {
  const auto from = typed.find_first_not_of(" \t");
  if (from == typed.npos) return Said::No;
  const auto word = lower(typed.substr(from, typed.find_last_not_of(" \t") - from + 1));
  for (const auto* yes : {"y", "yes", "o", "oui"})
    if (word == yes) return Said::Yes;
  for (const auto* no : {"n", "no", "non"})
    if (word == no) return Said::No;
  return Said::Neither;
}

bool is_lost(const Result<json>& answer) {
  return !answer.ok() && answer.error().say == kLost;
}

}  // namespace

Result<std::optional<std::int64_t>> Session::number(std::string_view flag) const {
  using Found = std::optional<std::int64_t>;
  const auto typed = value(flag);
  if (!typed) return Found();
  std::int64_t number = 0;
  const auto* end = typed->data() + typed->size();
  const auto read = std::from_chars(typed->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number <= 0)
    return refusal(ErrorCode::Malformed, "usage.not_a_number", {{"typed", *typed}});
  return Found(number);
}

std::vector<std::string> Session::values(std::string_view flag) const {
  const auto found = call_.flags.find(flag);
  return found == call_.flags.end() ? std::vector<std::string>() : found->second;
}

Result<Duration> Session::length(std::string_view flag, Duration otherwise) const {
  const auto typed = value(flag);
  return typed ? duration_from_text(*typed) : Result<Duration>(otherwise);
}

bool Session::is_first_of_person(const ApiCall& call) {
  if (settings().no_input || call.path == api::kStatus || call.path == api::kProgress) return false;
  return !std::exchange(counted_, true);
}

Result<Client> Session::client_for(Duration patience) const {
  const auto socket = TRY(socket_path(global_));
  const bool longer = !settings().own_timeout && patience > settings().timeout;
  return Client(socket, longer ? patience : settings().timeout);
}

Result<std::string> Session::fetch(std::string path) {
  const Client client = TRY(client_for(Duration(0)));
  return client.fetch({"GET", std::move(path)});
}

Result<json> Session::send_if_running(ApiCall call) {
  const Client client = TRY(client_for(call.patience));
  call.by_person = is_first_of_person(call);
  if (call.method != "GET") {
    UnderWay under_way(changes_something(call));
    auto answer = client.call(std::move(call));
    if (!answer.ok() && !is_lost(answer) && answer.error().say != kLate) under_way.was_refused();
    return answer;
  }
  // A daemon that is ending still takes connections for a moment; looking twice changes nothing.
  auto answer = client.call(call);
  call.by_person = false;
  for (int left = kLooksAgain; left > 0 && is_lost(answer); --left) {
    poll(nullptr, 0, kPauseMs);
    answer = client.call(call);
  }
  return answer;
}

Result<json> Session::send(ApiCall call) {
  auto kept = call;
  auto answer = send_if_running(std::move(call));
  if (answer.ok() || answer.error().say != api::kNoDaemon) return answer;
  const auto plan = TRY(daemon_plan());
  TRY(must_be_there(plan.vault_folder));
  const auto started = start_daemon(plan);
  if (started.ok()) {
    screen_.note("daemon.started");
    interrupted_leaves_daemon(screen_, plan.vault_folder);
  }
  // Another `vrm` may have been quicker: its daemon serves us as well.
  answer = send_if_running(std::move(kept));
  if (!started.ok() && !answer.ok() && answer.error().say == api::kNoDaemon) return started.error();
  return answer;
}

// A folder that was mistyped is not made; those that begin a vault make it.
Result<void> Session::must_be_there(const std::string& folder) const {
  for (const auto* command : {"init", "restore"})
    if (call_.command != nullptr && call_.command->name == command) return {};
  if (access(folder.c_str(), F_OK) == 0) return {};
  return refusal(ErrorCode::NotFound, api::kNoFolder, {{"folder", folder}});
}

Result<json> Session::get(std::string path) {
  return send({"GET", std::move(path)});
}

Result<json> Session::post(std::string path) {
  return send({"POST", std::move(path)});
}

Result<json> Session::post(std::string path, const json& body) {
  return send({"POST", std::move(path), write_json(body), BodyKind::Json});
}

Result<DaemonPlan> Session::daemon_plan() const {
  DaemonPlan plan;
  plan.vault_folder = TRY(vault_folder(global_));
  plan.socket = TRY(socket_path(global_));
  const auto config = kept_options_path(plan.vault_folder);
  if (access(config.c_str(), F_OK) == 0) plan.config = config;
  plan.patience = settings().timeout;
  plan.language = settings().language;
  return plan;
}

Result<bool> Session::asks() const {
  if (settings().yes) return false;
  if (settings().no_input || !has_terminal()) return refusal(ErrorCode::Malformed, "input.confirm");
  return true;
}

Result<void> Session::confirm(std::string_view key, const Gaps& with) {
  if (!TRY(asks())) return {};
  auto question = screen_.question(key, with);
  for (const bool may_ask_again : {true, false}) {
    const auto typed = TRY(ask(question, Echo::Shown));
    const auto said = yes_or_no(typed.view());
    if (said == Said::Yes) return {};
    if (said == Said::No || !may_ask_again) break;
    question = screen_.question("ask.yes_or_no", {});
  }
  return refusal(ErrorCode::Denied, "input.said_no");
}

}  // namespace vrm::cli
