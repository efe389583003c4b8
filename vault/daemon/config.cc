#include "vault/daemon/config.h"

#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "vault/base/json.h"
#include "vault/brands/address.h"

namespace vrm::daemon {

namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kValueFlags[] = {"vault",
                                            "socket",
                                            "brand-door",
                                            "base",
                                            "tls-cert",
                                            "tls-key",
                                            "rate-limit-per-minute",
                                            "peer-limit-per-minute",
                                            "poll-interval",
                                            "idle-lock",
                                            "hard-lock",
                                            "keep-ended",
                                            "unused-after",
                                            "notify-command",
                                            "quiet-hours",
                                            "digest",
                                            "anchors",
                                            "policies",
                                            "ready-fd",
                                            "config"};
constexpr std::string_view kSwitches[] = {"allow-loopback-brands"};

Error wrong(std::string key, Gaps with = {}) {
  return refusal(ErrorCode::Malformed, std::move(key), std::move(with));
}

std::string spelled(std::string_view name) {
  return "--" + std::string(name);
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

Result<Settings> from_flags(const std::vector<std::string>& arguments) {
  Settings settings;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view flag = arguments[i];
    if (!flag.starts_with("--")) return wrong("start.no_flag", {{"flag", arguments[i]}});
    flag.remove_prefix(2);
    if (is_one_of(flag, kSwitches)) {
      settings[std::string(flag)] = "true";
    } else if (is_one_of(flag, kValueFlags)) {
      if (++i == arguments.size())
        return wrong("start.flag_needs_value", {{"flag", spelled(flag)}});
      settings[std::string(flag)] = arguments[i];
    } else {
      return wrong("start.no_flag", {{"flag", spelled(flag)}});
    }
  }
  return settings;
}

// Adds what the file says and the flags do not.
Result<void> add_file(Settings& settings, const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  const auto bad = wrong("daemon.bad_options", {{"file", path}});
  if (!file) return bad;
  const auto json = read_json(text.str());
  if (!json.ok() || !json.value().is_object()) return bad;
  for (const auto& [name, value] : json.value().items()) {
    if (is_one_of(name, kSwitches) && value.is_boolean())
      settings.emplace(name, value.get<bool>() ? "true" : "false");
    else if (is_one_of(name, kValueFlags) && value.is_string())
      settings.emplace(name, value.get<std::string>());
    else
      return wrong("start.no_setting", {{"file", path}, {"name", name}});
  }
  return {};
}

std::string value_of(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

Result<std::int64_t> number(const Settings& settings, std::string_view name, std::int64_t least,
                            std::int64_t most, std::int64_t otherwise) {
  const std::string text = value_of(settings, name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value < least || value > most)
    return wrong("start.no_number", {{"flag", spelled(name)},
                                     {"typed", text},
                                     {"least", std::to_string(least)},
                                     {"most", std::to_string(most)}});
  return value;
}

// A length of time, or nothing for `off`.
Result<std::optional<Duration>> limit(const Settings& settings, std::string_view name,
                                      std::optional<Duration> otherwise, std::string_view example) {
  const std::string text = value_of(settings, name);
  if (text.empty()) return otherwise;
  if (text == "off") return std::optional<Duration>();
  const auto read = duration_from_text(text);
  if (!read.ok())
    return wrong("start.no_length",
                 {{"flag", spelled(name)}, {"typed", text}, {"example", std::string(example)}});
  return std::optional(read.value());
}

// What the owner chose, to be shown again.
std::map<std::string, std::string> chosen(const Settings& settings) {
  std::map<std::string, std::string> options;
  for (const auto& [name, value] : settings) {
    if (name == "vault" || name == "socket" || name == "ready-fd" || name == "config") continue;
    if (!is_one_of(name, kSwitches))
      options[name] = value;
    else if (value == "true")
      options[name] = "";
  }
  return options;
}

Result<void> read_brand_door(const Settings& settings, Config& config) {
  config.tls_certificate = value_of(settings, "tls-cert");
  config.tls_key = value_of(settings, "tls-key");
  config.base = value_of(settings, "base");
  const std::string door = value_of(settings, "brand-door");
  if (config.tls_certificate.empty() != config.tls_key.empty()) return wrong("start.half_tls");
  const std::string scheme = config.tls_certificate.empty() ? "http" : "https";
  if (!door.empty()) {
    const auto address = brands::address_of("http://" + door);
    if (!address || address->path != "/" || address->port.empty())
      return wrong("start.no_address", {{"typed", door}});
    config.brand_address = address->host;
    if (config.brand_address.starts_with('['))
      config.brand_address = config.brand_address.substr(1, config.brand_address.size() - 2);
    const int port = std::stoi(address->port);
    if (port > UINT16_MAX) return wrong("start.no_address", {{"typed", door}});
    config.brand_port = static_cast<std::uint16_t>(port);
  }
  if (config.base.empty()) config.base = door.empty() ? "http://localhost" : scheme + "://" + door;
  const auto base = brands::address_of(config.base);
  if (!base || base->path != "/" || config.base.ends_with('/'))
    return wrong("start.no_base", {{"typed", config.base}});
  config.base = base->origin();
  return {};
}

Result<void> read_announcements(const Settings& settings, Config& config) {
  config.notify_command = value_of(settings, "notify-command");
  const std::string quiet = value_of(settings, "quiet-hours");
  const std::string digest = value_of(settings, "digest");
  if (config.notify_command.empty() && !(quiet.empty() && digest.empty()))
    return wrong("start.no_notify", {{"flag", spelled(quiet.empty() ? "digest" : "quiet-hours")}});
  config.announcements.quiet = quiet_hours_from_text(quiet);
  if (!quiet.empty() && !config.announcements.quiet)
    return wrong("start.no_quiet_hours", {{"typed", quiet}});
  config.announcements.digest = minute_from_text(digest);
  if (!digest.empty() && !config.announcements.digest)
    return wrong("start.no_time_of_day", {{"typed", digest}});
  return {};
}

}  // namespace

std::string_view usage() {
  return "vrmd - the vault's daemon; `vrm daemon start` starts it.\n"
         "  --vault DIR                 the vault's folder\n"
         "  --socket PATH               the owner's door\n"
         "  --brand-door ADDRESS:PORT   the brands' door; without it there is none\n"
         "  --base URL                  the brand door's public address\n"
         "  --tls-cert FILE --tls-key FILE   PEM; needed for a brand door beyond this machine\n"
         "  --allow-loopback-brands     brands may be at http://127.0.0.1, for trying out\n"
         "  --rate-limit-per-minute N   calls of one brand (600)\n"
         "  --peer-limit-per-minute N   calls from one address (five times those of one brand)\n"
         "  --poll-interval SECONDS     that brands wait between two polls (5)\n"
         "  --idle-lock DURATION|off    locks after so long without a person (15m)\n"
         "  --hard-lock DURATION|off    locks so long after it was opened, whoever is there (12h)\n"
         "  --keep-ended DURATION|off   grants, intents and requests that ended are erased after "
         "so long (90d)\n"
         "  --unused-after DURATION|off  a grant that nobody read with for so long ends (90d)\n"
         "  --notify-command CMD        told on its standard input what waits for you (sh -c)\n"
         "  --quiet-hours HH:MM-HH:MM   not in these hours, local time, but when they end\n"
         "  --digest HH:MM              only once a day, at this time\n"
         "  --anchors DIR               where it is kept how far the vault has come, outside its "
         "folder\n"
         "                              ($XDG_STATE_HOME/vrm, else ~/.local/state/vrm)\n"
         "  --policies DIR              where your own policies lie, *.cedar\n"
         "                              ($XDG_CONFIG_HOME/vrm/policies.d, else "
         "~/.config/vrm/policies.d)\n"
         "  --config FILE               JSON with the same names; flags win\n"
         "  --ready-fd N                gets a line when the doors are open\n";
}

std::filesystem::path default_anchors(const char* state_home, const char* home) {
  const std::filesystem::path state = state_home == nullptr ? "" : state_home;
  if (state.is_absolute()) return state / "vrm";
  const std::filesystem::path own = home == nullptr ? "" : home;
  return own.is_absolute() ? own / ".local" / "state" / "vrm" : std::filesystem::path();
}

std::filesystem::path default_policies(const char* config_home, const char* home) {
  const std::filesystem::path config = config_home == nullptr ? "" : config_home;
  if (config.is_absolute()) return config / "vrm" / "policies.d";
  const std::filesystem::path own = home == nullptr ? "" : home;
  return own.is_absolute() ? own / ".config" / "vrm" / "policies.d" : std::filesystem::path();
}

Result<Config> read_config(const std::vector<std::string>& arguments) {
  auto settings = TRY(from_flags(arguments));
  if (const std::string file = value_of(settings, "config"); !file.empty())
    TRY(add_file(settings, file));
  Config config;
  config.vault = value_of(settings, "vault");
  config.socket = value_of(settings, "socket");
  config.anchors = value_of(settings, "anchors");
  config.policies = value_of(settings, "policies");
  if (config.vault.empty() || config.socket.empty()) return wrong("start.nowhere");
  TRY(read_brand_door(settings, config));
  config.allow_loopback_brands = value_of(settings, "allow-loopback-brands") == "true";
  constexpr std::int64_t kMostCalls = 100'000'000;
  config.calls_per_minute =
      TRY(number(settings, "rate-limit-per-minute", 1, kMostCalls, config.calls_per_minute));
  // An address may be that of several brands.
  config.peer_calls_per_minute = TRY(
      number(settings, "peer-limit-per-minute", 1, kMostCalls * 5, config.calls_per_minute * 5));
  config.poll_interval_s =
      static_cast<int>(TRY(number(settings, "poll-interval", 0, 3600, config.poll_interval_s)));
  config.limits.idle_lock = TRY(limit(settings, "idle-lock", config.limits.idle_lock, "15m"));
  config.limits.hard_lock = TRY(limit(settings, "hard-lock", config.limits.hard_lock, "12h"));
  config.limits.keep_ended = TRY(limit(settings, "keep-ended", config.limits.keep_ended, "90d"));
  config.limits.unused = TRY(limit(settings, "unused-after", config.limits.unused, "90d"));
  TRY(read_announcements(settings, config));
  config.options = chosen(settings);
  if (settings.contains("ready-fd"))
    config.ready_fd = static_cast<int>(TRY(number(settings, "ready-fd", 0, 1 << 20, 0)));
  return config;
}

}  // namespace vrm::daemon
