#pragma once
// What holds for every command: from the global flags, the environment and the terminal.

#include <string>

#include "cli/call.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/words/words.h"

namespace vrm::cli {

struct Settings {
  words::Language language = words::Language::English;
  bool json = false;
  bool no_input = false;
  bool yes = false;
  bool quiet = false;
  bool to_terminal = false;  // stdout is one
  bool err_to_terminal = false;
  bool color_out = false;
  bool color_err = false;
  bool redraws = false;  // … that can draw over what it shows
  std::size_t columns = 80;
  std::size_t rows = 24;
  Duration timeout = Duration(30'000);
  std::string vault;         // the flags that name it, as typed_vault gives them; "" under --json
  bool own_timeout = false;  // the person said so: it holds for what takes long as well
};

// Never fails: what is wrong in a flag is told by check_settings, in the language that this one
// found.
Settings settings_from(const Flags& global);

// How large the terminal is now.
void measure(Settings& settings);

// Malformed: --lang names another language, --timeout is no length of time.
Result<void> check_settings(const Flags& global);

// An environment variable, "" when it is not set.
std::string environment(const char* name);

// `path` as seen from any folder.
std::string absolute(const std::string& path);

// The vault's folder, absolute: --vault, VRM_VAULT, $XDG_DATA_HOME/vrm, ~/.local/share/vrm.
// NotFound: none of them says where.
Result<std::string> vault_folder(const Flags& global);

// The daemon's socket, absolute: --socket, the folder of --vault, VRM_SOCKET, the folder of
// VRM_VAULT, $XDG_RUNTIME_DIR/vrm, /run/user/UID/vrm. A vault that was named has its socket in its
// own folder, so that two vaults never share a daemon. NotFound: none of them says where.
// Malformed: longer than a socket's address may be.
Result<std::string> socket_path(const Flags& global);

}  // namespace vrm::cli
