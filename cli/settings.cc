#include "cli/settings.h"

#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "cli/hint.h"

namespace vrm::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastColumns = 20;
constexpr std::size_t kLeastRows = 5;

std::size_t typed_columns() {
  const std::string typed = environment("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(typed.data(), typed.data() + typed.size(), columns);
  return columns >= kLeastColumns && columns <= 1000 ? columns : 80;
}

bool wants_color(const Flags& global, int fd) {
  if (has_flag(global, "no-color") || has_flag(global, "json")) return false;
  if (!environment("NO_COLOR").empty()) return false;
  const auto forced = environment("CLICOLOR_FORCE");
  if (!forced.empty() && forced != "0") return true;
  return isatty(fd) == 1 && environment("TERM") != "dumb";
}

Result<std::string> fitting(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return refusal(ErrorCode::Malformed, "socket.too_long", {{"path", path}});
  return path;
}

Result<std::string> socket_in(const std::string& folder) {
  return fitting(absolute(folder) + "/vrm.sock");
}

}  // namespace

std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto whole = fs::absolute(path, failed);
  return failed ? path : whole.lexically_normal().string();
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Settings settings_from(const Flags& global) {
  const auto flag = flag_value(global, "lang").value_or("");
  const auto own = environment("VRM_LANG");
  const auto all = environment("LC_ALL");
  const auto messages = environment("LC_MESSAGES");
  const auto lang = environment("LANG");
  Settings settings;
  settings.language = words::language_from({flag, own, all, messages, lang});
  settings.json = has_flag(global, "json");
  if (!settings.json) settings.vault = typed_vault(global);
  settings.no_input = has_flag(global, "no-input");
  settings.yes = has_flag(global, "yes");
  settings.quiet = has_flag(global, "quiet");
  settings.to_terminal = isatty(STDOUT_FILENO) == 1;
  settings.err_to_terminal = isatty(STDERR_FILENO) == 1;
  settings.color_out = wants_color(global, STDOUT_FILENO);
  settings.color_err = wants_color(global, STDERR_FILENO);
  settings.redraws = settings.to_terminal && !settings.json && environment("TERM") != "dumb";
  measure(settings);
  if (const auto timeout = flag_value(global, "timeout")) {
    const auto read = duration_from_text(*timeout);
    settings.own_timeout = read.ok();
    if (read.ok()) settings.timeout = read.value();
  }
  return settings;
}

void measure(Settings& settings) {
  winsize size{};
  const bool known =
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  settings.columns = known && size.ws_col >= kLeastColumns ? size.ws_col : typed_columns();
  settings.rows = known && size.ws_row >= kLeastRows ? size.ws_row : 24;
}

Result<void> check_settings(const Flags& global) {
  const auto lang = flag_value(global, "lang");
  if (lang && *lang != "fr" && *lang != "en")
    return refusal(ErrorCode::Malformed, "usage.lang", {{"typed", *lang}});
  if (const auto timeout = flag_value(global, "timeout")) TRY(duration_from_text(*timeout));
  return {};
}

Result<std::string> vault_folder(const Flags& global) {
  if (const auto flag = flag_value(global, "vault"); flag && !flag->empty()) return absolute(*flag);
  if (const auto own = environment("VRM_VAULT"); !own.empty()) return absolute(own);
  if (const auto data = environment("XDG_DATA_HOME"); data.starts_with('/')) return data + "/vrm";
  if (const auto home = environment("HOME"); home.starts_with('/'))
    return home + "/.local/share/vrm";
  return refusal(ErrorCode::NotFound, "vault.no_folder");
}

Result<std::string> socket_path(const Flags& global) {
  if (const auto flag = flag_value(global, "socket"); flag && !flag->empty())
    return fitting(absolute(*flag));
  if (const auto flag = flag_value(global, "vault"); flag && !flag->empty())
    return socket_in(*flag);
  if (const auto own = environment("VRM_SOCKET"); !own.empty()) return fitting(absolute(own));
  if (const auto vault = environment("VRM_VAULT"); !vault.empty()) return socket_in(vault);
  if (const auto run = environment("XDG_RUNTIME_DIR"); run.starts_with('/'))
    return socket_in(run + "/vrm");
  const std::string user = "/run/user/" + std::to_string(getuid());
  std::error_code failed;
  if (fs::is_directory(user, failed)) return socket_in(user + "/vrm");
  return refusal(ErrorCode::NotFound, "socket.nowhere");
}

}  // namespace vrm::cli
