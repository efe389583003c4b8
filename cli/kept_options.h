#pragma once
// The options of `vrm daemon start`, kept in vrmd.json beside the vault, so that a daemon started on
// demand runs as it did before. vrmd reads the file with --config.

#include <map>
#include <string>

#include "vault/base/result.h"

namespace vrm::cli {

// By name, without dashes; "" is the value of a switch.
using DaemonOptions = std::map<std::string, std::string, std::less<>>;

// "…/vrmd.json" of a vault's folder.
std::string kept_options_path(const std::string& vault_folder);

// Empty when there is no such file. Malformed: it holds something else. Io.
Result<DaemonOptions> read_kept_options(const std::string& vault_folder);

// Replaces the file as a whole; no options remove it. Io.
Result<void> keep_options(const std::string& vault_folder, const DaemonOptions& options);

// "--allow-loopback-brands --brand-door 127.0.0.1:7610"
std::string written(const DaemonOptions& options);

}  // namespace vrm::cli
