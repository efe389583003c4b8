// vrm status, vrm daemon status, and the state shown above the short help.

#include "cli/status.h"

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/grant_text.h"
#include "cli/kept_options.h"
#include "vault/api/paths.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kStatusLabel = 12;

// A value of several lines stays beside its label.
void row(Screen& screen, std::string_view label, const std::string& value) {
  auto begins = padded(screen.text(label), kStatusLabel);
  std::string_view rest = value;
  for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    screen.line(begins + std::string(rest.substr(0, end)));
    begins = std::string(kStatusLabel, ' ');
    rest.remove_prefix(end + 1);
  }
  screen.line(begins + std::string(rest));
}

std::string span(const Screen& screen, std::int64_t seconds) {
  const auto part = [&](std::string_view key, std::int64_t n) {
    return screen.text(key, {{"n", std::to_string(n)}});
  };
  if (seconds >= 86400)
    return part("span.days", seconds / 86400) + " " + part("span.hours", seconds % 86400 / 3600);
  if (seconds >= 3600)
    return part("span.hours", seconds / 3600) + " " + part("span.minutes", seconds % 3600 / 60);
  if (seconds >= 60) return part("span.minutes", seconds / 60);
  return part("span.seconds", seconds);
}

void print_daemon(Screen& screen, const json& status) {
  const auto& daemon = object_at(status, "daemon");
  const auto mebibytes = number_at(daemon, "memory_bytes") / (1024 * 1024);
  row(screen, "status.daemon",
      screen.text("status.daemon_line", {{"version", text_at(daemon, "version")},
                                         {"pid", std::to_string(number_at(daemon, "pid"))},
                                         {"up", span(screen, number_at(daemon, "uptime_s"))},
                                         {"mib", std::to_string(mebibytes)}}));
  DaemonOptions options;
  for (const auto& [name, value] : object_at(daemon, "options").items())
    options[printable(name)] = value.is_string() ? printable(value.get<std::string>()) : "";
  if (!options.empty()) row(screen, "status.options", written(options));
  const auto& door = object_at(status, "brand_door");
  if (has_at(door, "base")) row(screen, "status.brand_door", text_at(door, "base"));
}

void print_counts(Screen& screen, const json& status) {
  const auto& counts = object_at(status, "counts");
  if (!has_at(counts, "fields")) return;
  std::string data = screen.count("count.fields", number_at(counts, "fields"));
  if (const auto documents = number_at(counts, "documents"); documents > 0)
    data += ", " + screen.count("count.documents", documents);
  row(screen, "status.data", data);
  row(screen, "status.brands",
      screen.count("count.brands", number_at(counts, "brands")) + ", " +
          screen.count("count.grants", number_at(counts, "grants_active")));
  if (has_intents(counts))
    row(screen, "status.intents",
        intents_text(screen, counts) + "   " + screen.command("vrm offers"));
  if (const auto waiting = number_at(counts, "requests_pending"); waiting > 0)
    row(screen, "status.waiting",
        screen.count("count.requests", waiting) + "   " + screen.command("vrm request"));
}

void print_backup(Screen& screen, const json& status) {
  if (!status.contains("backup")) return;
  const auto made_at = raw_at(object_at(status, "backup"), "made_at");
  row(screen, "status.backup",
      made_at.empty() ? screen.text("status.no_backup")
                      : screen.text("status.last_backup", {{"when", screen.when(made_at)}}));
}

// When it locks by itself, and when and why it did last.
void print_locks(Screen& screen, const json& vault) {
  const auto idle = raw_at(vault, "locks_at");
  const auto latest = raw_at(vault, "locks_latest_at");
  const Gaps with = {{"idle", screen.when(idle)}, {"latest", screen.when(latest)}};
  if (!idle.empty() && !latest.empty() && idle < latest)
    row(screen, "status.locks", screen.text("status.locks_both", with));
  else if (!latest.empty())
    row(screen, "status.locks", screen.text("status.locks_latest", with));
  const auto& last = object_at(vault, "last_lock");
  if (has_at(last, "at") && text_at(vault, "state") != "empty")
    row(screen, "status.last_lock",
        screen.text("status.locked_when",
                    {{"when", screen.when(raw_at(last, "at"))},
                     {"why", screen.word("lock_why.", text_at(last, "why"))}}));
}

void print_memory(Screen& screen, const json& vault) {
  if (has_at(vault, "memory_locked"))
    row(screen, "status.memory",
        screen.text(flag_at(vault, "memory_locked") ? "status.memory_locked"
                                                    : "status.memory_swaps"));
}

std::string warning_text(const Screen& screen, const json& warning) {
  const auto code = text_at(warning, "code");
  const std::string key = "warning." + code;
  const std::string none = "warning_none." + code;  // of suspended grants
  const bool is_none = text_at(object_at(warning, "with"), "n") == "0";
  if (is_none && words::has(screen.settings().language, none)) return screen.text(none);
  return words::has(screen.settings().language, key) ? screen.text(key, gaps_at(warning)) : code;
}

void print_warnings(Screen& screen, const json& status) {
  for (const auto& damage : list_at(object_at(status, "vault"), "damages"))
    row(screen, "status.warning",
        screen.text("status.damaged", {{"place", text_at(damage, "place")}}));
  for (const auto& warning : list_at(status, "warnings"))
    row(screen, "status.warning", warning_text(screen, warning));
}

void print_next(Screen& screen, const std::string& state) {
  if (state == "empty") screen.say("status.next_empty");
  if (state == "sealed" || state == "serving") screen.say("status.next_locked");
}

}  // namespace

bool has_intents(const json& counts) {
  return number_at(counts, "intents_open") + number_at(counts, "acceptances_pending") > 0;
}

std::string intents_text(const Screen& screen, const json& counts) {
  std::vector<std::string> parts;
  if (const auto open = number_at(counts, "intents_open"); open > 0)
    parts = {screen.count("count.intents", open),
             screen.count("count.offers_live", number_at(counts, "offers_live"))};
  if (const auto pending = number_at(counts, "acceptances_pending"); pending > 0)
    parts.push_back(screen.count("count.acceptances_pending", pending));
  return joined(parts);
}

namespace {

std::string state_word(const Screen& screen, const json& status) {
  const auto& vault = object_at(status, "vault");
  const bool serves = !list_at(status, "served").empty();
  return raw_at(vault, "state") == "serving" && !serves
             ? screen.text("status.locked")
             : screen.word("state.", text_at(vault, "state"));
}

}  // namespace

void note_wrong_tries(Screen& screen, const json& status) {
  const auto& wrong = object_at(object_at(status, "vault"), "wrong_keys");
  if (const auto count = number_at(wrong, "count"); count > 0)
    screen.note("unlock.wrong_before", {{"tries", screen.count("count.wrong_keys", count)},
                                        {"since", screen.when(raw_at(wrong, "since"))}});
}

std::string state_text(const Screen& screen, const json& status) {
  const auto& vault = object_at(status, "vault");
  auto text = state_word(screen, status);
  const auto at = raw_at(vault, "locks_at");
  if (!at.empty() && has_at(vault, "idle_lock_s"))
    text += ", " + screen.text("status.locks_after",
                               {{"span", span(screen, number_at(vault, "idle_lock_s"))},
                                {"when", screen.when(at)}});
  else if (!at.empty())
    text += ", " + screen.text("status.locks_at", {{"when", screen.when(at)}});
  return text;
}

std::vector<std::string> served_lines(const Screen& screen, const json& status) {
  std::vector<std::string> lines;
  for (const auto& served : list_at(status, "served"))
    lines.push_back(text_at(served, "brand") + ": " +
                    screen.count("count.grants", number_at(served, "grants")));
  return lines;
}

void print_status(Screen& screen, const json& status) {
  const auto& vault = object_at(status, "vault");
  const bool has_row = has_at(vault, "locks_latest_at");  // of print_locks
  row(screen, "status.vault",
      (has_row ? state_word(screen, status) : state_text(screen, status)) + "   " +
          text_at(vault, "folder"));
  print_locks(screen, vault);
  print_daemon(screen, status);
  print_memory(screen, vault);
  print_counts(screen, status);
  print_backup(screen, status);
  for (const auto& served : served_lines(screen, status)) row(screen, "status.served", served);
  print_warnings(screen, status);
  print_next(screen, text_at(vault, "state"));
}

namespace {

// Enough to take back each grant that is served, and nothing of what it gives or why.
void print_served(Screen& screen, const json& served) {
  Table table{{"head.brand", "head.id", "head.state", "head.ends", "head.reads"}, {}};
  for (const auto& brand : list_at(served, "items"))
    for (const auto& grant : list_at(brand, "items")) {
      table.rows.push_back({text_at(brand, "brand") + " (" + text_at(brand, "name") + ")",
                            text_at(grant, "id"),
                            screen.word("grant_state.", text_at(grant, "state")),
                            screen.when(raw_at(grant, "expires_at")), reads_text(grant)});
    }
  if (table.rows.empty()) return screen.say("served.nothing");
  screen.table(table);
  screen.note("served.take_back", {{"id", table.rows.front()[1]},
                                   {"brand", text_at(list_at(served, "items")[0], "brand")}});
}

}  // namespace

Result<void> run_status(Session& session) {
  const auto status = TRY(session.get(std::string(api::kStatus)));
  if (session.has("served")) {
    const json served = {{"schema", "vrm.served/1"},
                         {"state", raw_at(object_at(status, "vault"), "state")},
                         {"items", list_at(status, "served")}};
    if (session.settings().json)
      session.screen().document(served);
    else
      print_served(session.screen(), served);
    return {};
  }
  if (session.settings().json)
    session.screen().document(status);
  else
    print_status(session.screen(), status);
  return {};
}

Result<void> run_daemon_status(Session& session) {
  const auto status = TRY(session.send_if_running({"GET", std::string(api::kStatus)}));
  if (session.settings().json)
    session.screen().document(status);
  else
    print_status(session.screen(), status);
  return {};
}

}  // namespace vrm::cli
