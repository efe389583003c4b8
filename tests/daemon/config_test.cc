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

  TEST_CASE("a settings file that is no such thing is refused") {
    for (const std::string text : {"", "[]", R"({"nothing":"x"})", R"({"base":1})",
                                   R"({"base":"http://a","base":"http://b"})"}) {
      CAPTURE(text);
      const SettingsFile file(text);
      CHECK(why(with({"--config", file.path()})) != "");
    }
  }
}
