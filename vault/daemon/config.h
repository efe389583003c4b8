#pragma once
// How vrmd was asked to run: flags, over the file that `--config` names. Read once.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/daemon/announcements.h"
#include "vault/gate/owner_desk.h"
#include "vault/words/words.h"

namespace vrm::daemon {

struct Config {
  std::filesystem::path vault;
  std::filesystem::path socket;
  std::filesystem::path anchors;   // folder of the anchors; "" when nobody said
  std::filesystem::path policies;  // folder of the owner's own; "" when nobody said
  std::string brand_address;       // numeric, "" when the door is closed
  std::uint16_t brand_port = 0;
  std::string base;  // public address of the brand door; made of the address when it is not given
  std::string tls_certificate;
  std::string tls_key;
  bool allow_loopback_brands = false;
  std::int64_t calls_per_minute = 600;        // of one brand
  std::int64_t peer_calls_per_minute = 3000;  // from one address
  int poll_interval_s = 5;
  gate::OwnerLimits limits;
  std::string notify_command;  // told what waits; "" for none
  AnnouncementOptions announcements;
  words::Language language = words::Language::English;  // of what is told outside the doors
  std::optional<int> ready_fd;
  std::map<std::string, std::string>
      options;  // as given, but for where the vault is; "" of a switch
};

// What `vrmd --help` prints.
std::string_view usage();

// Where the anchors lie when nobody said: XDG_STATE_HOME or HOME, as the environment gives them (null: not at all). ""
// when neither is an absolute path. (XDG Base Directory Specification 0.8)
std::filesystem::path default_anchors(const char* state_home, const char* home);

// Where the owner's policies lie when nobody said: below XDG_CONFIG_HOME or HOME, as default_anchors.
std::filesystem::path default_policies(const char* config_home, const char* home);

// Malformed: an unknown flag, a value that cannot be, something needed that is missing; the message says which.
Result<Config> read_config(const std::vector<std::string>& arguments);

}  // namespace vrm::daemon
