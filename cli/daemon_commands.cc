// vrm daemon start, stop. (vrm daemon status is in status.cc.)

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/status.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

void show(Session& session, const json& status, std::string_view key) {
  if (session.settings().json) return session.screen().document(status);
  if (session.settings().quiet) return;
  const auto pid = number_at(object_at(status, "daemon"), "pid");
  session.screen().say(key, {{"pid", std::to_string(pid)},
                             {"state", state_text(session.screen(), status)},
                             {"base", text_at(object_at(status, "brand_door"), "base")}});
}

}  // namespace

Result<void> run_daemon_start(Session& session) {
  const auto running = session.send_if_running({"GET", std::string(api::kStatus)});
  if (running.ok()) {
    // Running without what is asked for now is not what is asked for.
    if (!session.flags().empty()) return refusal(ErrorCode::Conflict, "server.runs_already");
    show(session, running.value(), "server.already");
    return {};
  }
  if (running.error().say != api::kNoDaemon) return running.error();
  auto plan = TRY(session.daemon_plan());
  for (const auto& [name, values] : session.flags()) {
    plan.flags.push_back("--" + name);
    if (!values.back().empty()) plan.flags.push_back(values.back());
  }
  TRY(start_daemon(plan));
  const auto status = TRY(session.send_if_running({"GET", std::string(api::kStatus)}));
  const bool door = has_at(object_at(status, "brand_door"), "base");
  show(session, status, door ? "server.started_door" : "server.started");
  return {};
}

Result<void> run_daemon_stop(Session& session) {
  const auto before = TRY(session.send_if_running({"GET", std::string(api::kStatus)}));
  const Watched daemon(number_at(object_at(before, "daemon"), "pid"));
  const auto status = TRY(session.send_if_running({"POST", std::string(api::kStop)}));
  if (!daemon.wait(session.settings().timeout))
    return refusal(ErrorCode::Unavailable, "answer.late");
  show(session, status, "server.stopped");
  return {};
}

}  // namespace vrm::cli
