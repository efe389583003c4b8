#include "vault/daemon/config.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "vault/words/words.h"

using namespace vrm;  // tests only
using daemon::read_config;

namespace {

using Words = std::vector<std::string>;

Words with(Words more) {
  Words words{"--vault", "/v", "--socket", "/s"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string why(const Words& words) {
  const auto config = read_config(words);
  if (config.ok()) return "";
  CHECK(config.error().code == ErrorCode::Malformed);
  const auto& error = config.error();
  CHECK(words::has(words::Language::French, error.say));
  return words::sentence(words::Language::English, error);
}

class SettingsFile {
 public:
  explicit SettingsFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-config-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~SettingsFile() { std::filesystem::remove(path_); }
  SettingsFile(const SettingsFile&) = delete;
  SettingsFile& operator=(const SettingsFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_SUITE("daemon/config") {
  TEST_CASE("without a brand door there is none, and the rest has its defaults") {
    const auto config = read_config(with({})).value();
    CHECK(config.vault == "/v");
    CHECK(config.brand_address.empty());
    CHECK(config.calls_per_minute == 600);
    CHECK(config.peer_calls_per_minute == 3000);
    CHECK(config.limits.idle_lock == std::chrono::minutes(15));
    CHECK(config.limits.hard_lock == std::chrono::hours(12));
    CHECK(config.limits.keep_ended == std::chrono::hours(24 * 90));
    CHECK_FALSE(config.ready_fd);
  }

  TEST_CASE("a brand door gives the base, plain or with TLS, unless a base is given") {
    CHECK(read_config(with({"--brand-door", "127.0.0.1:7610"})).value().base ==
          "http://127.0.0.1:7610");
    const auto tls =
        read_config(with({"--brand-door", "[::1]:7610", "--tls-cert", "c", "--tls-key", "k"}))
            .value();
    CHECK(tls.base == "https://[::1]:7610");
    CHECK(tls.brand_address == "::1");
    CHECK(tls.brand_port == 7610);
    CHECK(
        read_config(with({"--brand-door", "127.0.0.1:7610", "--base", "https://Vault.Example:443"}))
            .value()
            .base == "https://vault.example");
  }

  TEST_CASE("what cannot be is refused with the flag's name") {
    CHECK(why({}) != "");
    CHECK(why({"--vault", "/v"}) != "");
    CHECK(why(with({"--nothing"})).starts_with("there is no flag --nothing"));
    CHECK(why(with({"word"})).starts_with("there is no flag word"));
    CHECK(why(with({"--base"})).starts_with("--base needs a value"));
    for (const std::string door :
         {"here", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:7610/x", "a b:1"}) {
      CAPTURE(door);
      CHECK(why(with({"--brand-door", door})).starts_with("--brand-door"));
    }
    CHECK(why(with({"--base", "https://x/y"})).starts_with("--base"));
    CHECK(why(with({"--tls-cert", "c"})).starts_with("--tls-cert and --tls-key go together"));
    for (const std::string number : {"0", "-1", "x", "1x", "99999999999999999999"}) {
      CAPTURE(number);
      CHECK(why(with({"--rate-limit-per-minute", number})).starts_with("--rate-limit-per-minute"));
      CHECK(why(with({"--peer-limit-per-minute", number})).starts_with("--peer-limit-per-minute"));
    }
    for (const auto* name : {"--idle-lock", "--hard-lock", "--keep-ended"}) {
      CHECK(why(with({name, "soon"})).starts_with(name));
      CHECK(read_config(with({name, "off"})).ok());
    }
    CHECK(read_config(with({"--rate-limit-per-minute", "70"})).value().peer_calls_per_minute ==
          350);
    CHECK(read_config(with({"--peer-limit-per-minute", "7"})).value().peer_calls_per_minute == 7);
    const auto never = read_config(with({"--hard-lock", "off", "--idle-lock", "7m"})).value();
    CHECK_FALSE(never.limits.hard_lock);
    CHECK(never.limits.idle_lock == std::chrono::minutes(7));
    CHECK(why(with({"--config", "/nowhere/at/all"})).starts_with("/nowhere/at/all does not hold"));
  }

  TEST_CASE("the owner's command, quiet hours and a digest are taken, and shown again") {
    CHECK(read_config(with({})).value().notify_command.empty());
    const auto told = read_config(with({"--notify-command", "cat > \"$HOME/a b\"", "--quiet-hours",
                                        "22:00-07:30", "--digest", "08:05"}))
                          .value();
    CHECK(told.notify_command == "cat > \"$HOME/a b\"");
    REQUIRE(told.announcements.quiet);
    CHECK(told.announcements.quiet->from == 22 * 60);
    CHECK(told.announcements.quiet->to == 7 * 60 + 30);
    CHECK(told.announcements.digest == 8 * 60 + 5);
    CHECK(told.options ==
          std::map<std::string, std::string>{{"digest", "08:05"},
                                             {"notify-command", "cat > \"$HOME/a b\""},
                                             {"quiet-hours", "22:00-07:30"}});
    const SettingsFile kept(R"({"notify-command":"mail me","digest":"08:00"})");
    const auto from_file =
        read_config(with({"--config", kept.path(), "--digest", "09:00"})).value();
    CHECK(from_file.notify_command == "mail me");
    CHECK(from_file.announcements.digest == 9 * 60);
    CHECK_FALSE(from_file.announcements.quiet);
  }

  TEST_CASE(
      "a time to tell that is none, or that nothing is told at, is refused with what to type") {
    const Words command = {"--notify-command", "true"};
    for (const std::string hours : {"22:00", "22:00-", "22-7", "24:00-07:00", "22:00-22:00", " "}) {
      CAPTURE(hours);
      auto words = with(command);
      words.insert(words.end(), {"--quiet-hours", hours});
      const auto told = why(words);
      CHECK(told.find(hours) != told.npos);
      CHECK(told.find("--quiet-hours 22:00-07:30") != told.npos);
    }
    for (const std::string time : {"8", "25:00", "08:60", "08:00:00", "8h"}) {
      CAPTURE(time);
      auto words = with(command);
      words.insert(words.end(), {"--digest", time});
      const auto told = why(words);
      CHECK(told.find(time) != told.npos);
      CHECK(told.find("--digest 08:00") != told.npos);
    }
    for (const Words& flag : {Words{"--quiet-hours", "22:00-07:30"}, Words{"--digest", "08:00"}}) {
      const auto told = why(with(flag));
      CHECK(told.starts_with(flag.front()));
      CHECK(told.find("--notify-command CMD") != told.npos);
    }
  }

  TEST_CASE("how long a grant may be unused is a time or off") {
    CHECK(read_config(with({})).value().limits.unused == std::chrono::hours(24 * 90));
    CHECK(read_config(with({"--unused-after", "30d"})).value().limits.unused ==
          std::chrono::hours(24 * 30));
    CHECK_FALSE(read_config(with({"--unused-after", "off"})).value().limits.unused);
    for (const std::string typed : {"0", "0d", "-1d", "soon", "90"}) {
      CAPTURE(typed);
      CHECK(why(with({"--unused-after", typed})).find("--unused-after") != std::string::npos);
    }
  }

  TEST_CASE("a settings file has the flags' names, and flags win over it") {
    const SettingsFile file(
        R"({"brand-door":"127.0.0.1:7610","allow-loopback-brands":true,"poll-interval":"1"})");
    const auto config =
        read_config(with({"--config", file.path(), "--poll-interval", "9"})).value();
    CHECK(config.brand_port == 7610);
    CHECK(config.allow_loopback_brands);
    CHECK(config.poll_interval_s == 9);
  }

  TEST_CASE("what the owner chose can be shown again, wherever it was said") {
    const SettingsFile file(R"({"brand-door":"127.0.0.1:7610","allow-loopback-brands":true})");
    const auto options =
        read_config(with({"--config", file.path(), "--poll-interval", "9", "--ready-fd", "3"}))
            .value()
            .options;
    CHECK(options == std::map<std::string, std::string>{{"allow-loopback-brands", ""},
                                                        {"brand-door", "127.0.0.1:7610"},
                                                        {"poll-interval", "9"}});
    const SettingsFile off(R"({"allow-loopback-brands":false})");
    CHECK(read_config(with({"--config", off.path()})).value().options.empty());
  }

  TEST_CASE("the owner's policies lie where it is said, else where XDG or the home says") {
    const auto config = read_config(with({"--policies", "/p"})).value();
    CHECK(config.policies == "/p");
    CHECK(config.options == std::map<std::string, std::string>{{"policies", "/p"}});
    CHECK(read_config(with({})).value().policies.empty());
    CHECK(daemon::default_policies("/c", "/h") == "/c/vrm/policies.d");
    CHECK(daemon::default_policies(nullptr, "/h") == "/h/.config/vrm/policies.d");
    CHECK(daemon::default_policies("not/absolute", "/h") == "/h/.config/vrm/policies.d");
    CHECK(daemon::default_policies(nullptr, "h").empty());
    CHECK(daemon::default_policies(nullptr, nullptr).empty());
  }

  TEST_CASE("a settings file that is no such thing is refused") {
    for (const std::string text : {"", "[]", R"({"nothing":"x"})", R"({"base":1})",
                                   R"({"base":"http://a","base":"http://b"})"}) {
      CAPTURE(text);
      const SettingsFile file(text);
      CHECK(why(with({"--config", file.path()})) != "");
    }
  }
}
