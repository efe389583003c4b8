// The table of commands: those about the vault itself, what happened in it, and tools.

#include "cli/command_parts.h"

namespace vrm::cli {

namespace {

constexpr std::string_view kStart = "group.start";
constexpr std::string_view kTrace = "group.trace";
constexpr std::string_view kKeep = "group.keep";
constexpr std::string_view kTool = "group.tool";
constexpr Flag kPasswordFd{"password-fd", "N"};
constexpr Flag kPasswordFile{"password-file", "FILE"};
constexpr Flag kPasswordCommand{"password-command", "CMD"};
constexpr Flag kCredentialFile{"credential-file", "FILE"};
constexpr Flag kWords{"words", ""};
constexpr Flag kWordsFd{"words-fd", "N"};
constexpr Flag kWordsFile{"words-file", "FILE"};
constexpr Flag kNewPasswordFd{"new-password-fd", "N"};
constexpr Flag kNewPasswordFile{"new-password-file", "FILE"};
constexpr Flag kNewPasswordCommand{"new-password-command", "CMD"};

// Whatever opens a vault.
std::vector<Flag> openers() {
  return {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile,
          kWords,      kWordsFd,      kWordsFile};
}

}  // namespace

void add_start(std::vector<Command>& all) {
  const std::vector<Flag> secrets = {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile};
  auto unlock = openers();
  unlock.push_back({"rescue", ""});
  all.push_back({"init",
                 "",
                 0,
                 0,
                 secrets,
                 kStart,
                 "command.init",
                 {"init", "init --credential-file /etc/vrm/key"},
                 run_init});
  all.push_back({"unlock",
                 "",
                 0,
                 0,
                 unlock,
                 kStart,
                 "command.unlock",
                 {"unlock", "unlock --password-command 'pass vrm'"},
                 run_unlock});
  all.push_back({"lock", "", 0, 0, {}, kStart, "command.lock", {"lock"}, run_lock});
  all.push_back({"seal", "", 0, 0, {}, kStart, "command.seal", {"seal"}, run_seal});
  all.push_back({"status",
                 "",
                 0,
                 0,
                 {{"served", ""}},
                 kStart,
                 "command.status",
                 {"status", "status --served", "status --json"},
                 run_status});
}

void add_keys(std::vector<Command>& all) {
  const std::vector<Flag> fresh = {kNewPasswordFd, kNewPasswordFile, kNewPasswordCommand};
  auto passwd = openers();
  passwd.insert(passwd.end(), fresh.begin(), fresh.end());
  all.push_back({"passwd",
                 "",
                 0,
                 0,
                 passwd,
                 kStart,
                 "command.passwd",
                 {"passwd", "passwd --password-fd 3 --new-password-fd 4"},
                 run_passwd});
  auto rekey = passwd;
  rekey.insert(rekey.begin(), {{"new-passphrase", ""}, {"print", ""}, {"output", "FILE", 'o'}});
  all.push_back({"rekey",
                 "",
                 0,
                 0,
                 rekey,
                 kStart,
                 "command.rekey",
                 {"rekey", "rekey --new-passphrase -o sheet.txt"},
                 run_rekey});
  std::vector<Flag> recover = {kWordsFd, kWordsFile};
  recover.insert(recover.end(), fresh.begin(), fresh.end());
  all.push_back(
      {"recover", "", 0, 0, recover, kStart, "command.recover", {"recover"}, run_recover});
  auto sheet = openers();
  sheet.insert(sheet.begin(), {{"print", ""}, {"output", "FILE", 'o'}});
  all.push_back({"recovery sheet",
                 "",
                 0,
                 0,
                 sheet,
                 kStart,
                 "command.recovery_sheet",
                 {"recovery sheet", "recovery sheet -o sheet.txt"},
                 run_recovery_sheet});
  all.push_back({"recovery check",
                 "",
                 0,
                 0,
                 {kWordsFd, kWordsFile},
                 kStart,
                 "command.recovery_check",
                 {"recovery check"},
                 run_recovery_check});
}

void add_keep(std::vector<Command>& all) {
  const std::vector<Flag> secrets = {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile,
                                     kWords,      kWordsFd,      kWordsFile};
  auto backup = secrets;
  backup.insert(backup.begin(), {{"output", "FILE", 'o'}, {"verify", ""}, {"force", ""}});
  auto restore = secrets;
  restore.insert(restore.begin(), {{"into", "FOLDER"}, kDryRun});
  all.push_back(
      {"backup",
       "[--verify FILE]",
       0,
       1,
       backup,
       kKeep,
       "command.backup",
       {"backup", "backup -o /media/key/vault.vrmbak --verify", "backup --verify vault.vrmbak"},
       run_backup});
  all.push_back({"restore",
                 "FILE",
                 1,
                 1,
                 restore,
                 kKeep,
                 "command.restore",
                 {"restore vault.vrmbak --dry-run", "restore vault.vrmbak --into ~/vault"},
                 run_restore});
  all.push_back({"export",
                 "",
                 0,
                 0,
                 {{"output", "FILE", 'o'}, {"force", ""}},
                 kKeep,
                 "command.export",
                 {"export -o /media/key/vault.json"},
                 run_export});
}

void add_trace(std::vector<Command>& all) {
  all.push_back(
      {"log",
       "",
       0,
       0,
       {kBrand, {"field", "FIELD"}, {"kind", "KIND"}, {"since", "2d|DATE"}, {"limit", "N"}},
       kTrace,
       "command.log",
       {"log", "log --brand velo --since 2d", "log --kind read --since 2026-11-21"},
       run_log});
  all.push_back(
      {"log verify", "", 0, 0, {}, kTrace, "command.log_verify", {"log verify"}, run_log_verify});
  all.push_back({"verify", "", 0, 0, {}, kTrace, "command.verify", {"verify"}, run_verify});
  all.push_back({"receipt check",
                 "FILE",
                 1,
                 1,
                 {},
                 kTrace,
                 "command.receipt_check",
                 {"receipt check receipt.jwt", "receipt check - < receipt.jwt"},
                 run_receipt_check});
  all.push_back({"forget",
                 "GR|IN...",
                 1,
                 kAny,
                 {},
                 kTrace,
                 "command.forget",
                 {"forget in_7F", "forget gr_7F gr_2Q"},
                 run_forget});
}

void add_tools(std::vector<Command>& all) {
  all.push_back(
      {"daemon start",
       "",
       0,
       0,
       {{"brand-door", "ADDRESS"},
        {"base", "URL"},
        {"tls-cert", "FILE"},
        {"tls-key", "FILE"},
        {"allow-loopback-brands", ""},
        {"poll-interval", "SECONDS"},
        {"idle-lock", "15m|off"},
        {"hard-lock", "12h|off"},
        {"keep-ended", "90d|off"},
        {"unused-after", "90d|off"},
        {"notify-command", "CMD"},
        {"quiet-hours", "22:00-07:30"},
        {"digest", "08:00"},
        {"forget", ""}},
       kTool,
       "command.daemon_start",
       {"daemon start", "daemon start --brand-door 127.0.0.1:7610", "daemon start --forget"},
       run_daemon_start});
  all.push_back({"daemon stop",
                 "",
                 0,
                 0,
                 {},
                 kTool,
                 "command.daemon_stop",
                 {"daemon stop"},
                 run_daemon_stop});
  all.push_back({"daemon status",
                 "",
                 0,
                 0,
                 {},
                 kTool,
                 "command.daemon_status",
                 {"daemon status"},
                 run_daemon_status});
  all.push_back(
      {"help", "[COMMAND]", 0, 2, {}, kTool, "command.help", {"help brand add"}, run_help});
  all.push_back({"version", "", 0, 0, {}, kTool, "command.version", {"version"}, run_version});
}

}  // namespace vrm::cli
