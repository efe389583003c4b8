// vrm daemon start, stop. (vrm daemon status is in status.cc.)

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/kept_options.h"
#include "cli/status.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

void show_daemon(Session& session, const json& status, std::string_view key) {
  if (session.settings().json) return session.screen().document(status);
  if (session.settings().quiet) return;
  const auto pid = number_at(object_at(status, "daemon"), "pid");
  session.screen().say(key, {{"pid", std::to_string(pid)},
                             {"state", state_text(session.screen(), status)},
                             {"base", text_at(object_at(status, "brand_door"), "base")}});
}

// The daemon runs in another folder than ours, so that files are named whole.
DaemonOptions typed_options(const Session& session) {
  DaemonOptions options;
  for (const auto& [name, values] : session.flags()) {
    if (name == "forget") continue;
    const bool is_file = name == "tls-cert" || name == "tls-key";
    options[name] = is_file ? absolute(values.back()) : values.back();
  }
  return options;
}

}  // namespace

Result<void> run_daemon_start(Session& session) {
  const auto running = session.send_if_running({"GET", std::string(api::kStatus)});
  if (running.ok()) {
    // Running without what is asked for now is not what is asked for.
    if (!session.flags().empty()) return refusal(ErrorCode::Conflict, "server.runs_already");
    show_daemon(session, running.value(), "server.already");
    return {};
  }
  if (running.error().say != api::kNoDaemon) return running.error();
  auto plan = TRY(session.daemon_plan());
  const auto typed = typed_options(session);
  for (const auto& [name, value] : typed) {
    plan.flags.push_back("--" + name);
    if (!value.empty()) plan.flags.push_back(value);
  }
  const bool forgets = session.has("forget");
  const auto before = read_kept_options(plan.vault_folder);
  if (!before.ok() && !forgets) return before.error();
  auto options = typed;
  if (!forgets) options.insert(before.value().begin(), before.value().end());
  if (forgets) plan.config.clear();
  TRY(start_daemon(plan));
  const bool changes = !session.flags().empty() && (!before.ok() || options != before.value());
  if (changes) TRY(keep_options(plan.vault_folder, options));
  const auto status = TRY(session.send_if_running({"GET", std::string(api::kStatus)}));
  const bool door = has_at(object_at(status, "brand_door"), "base");
  show_daemon(session, status, door ? "server.started_door" : "server.started");
  if (changes)
    session.screen().note(
        options.empty() ? "server.forgotten" : "server.remembered",
        {{"options", written(options)}, {"file", kept_options_path(plan.vault_folder)}});
  return {};
}

Result<void> run_daemon_stop(Session& session) {
  auto running = session.send_if_running({"GET", std::string(api::kStatus)});
  if (!running.ok() && running.error().say == api::kNoDaemon)
    return refusal(ErrorCode::Unavailable, "daemon.nothing_to_stop");
  const auto before = TRY(std::move(running));
  const Watched daemon(number_at(object_at(before, "daemon"), "pid"));
  const auto status = TRY(session.send_if_running({"POST", std::string(api::kStop)}));
  if (!daemon.wait(session.settings().timeout))
    return refusal(ErrorCode::Unavailable, "answer.late");
  const bool empty = raw_at(object_at(before, "vault"), "state") == "empty";
  show_daemon(session, status, empty ? "server.stopped_empty" : "server.stopped");
  return {};
}

}  // namespace vrm::cli
