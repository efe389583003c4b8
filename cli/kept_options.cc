#include "cli/kept_options.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/file.h"
#include "vault/base/json.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 64 * 1024;

Error damaged(const std::string& path) {
  return refusal(ErrorCode::Malformed, "daemon.bad_options", {{"file", path}});
}

}  // namespace

std::string kept_options_path(const std::string& vault_folder) {
  return vault_folder + "/vrmd.json";
}

Result<DaemonOptions> read_kept_options(const std::string& vault_folder) {
  const auto path = kept_options_path(vault_folder);
  const auto text = read_file(path, kMostBytes);
  if (!text.ok() && text.error().code == ErrorCode::NotFound) return DaemonOptions();
  if (!text.ok()) return text.error();
  const auto document = read_json(text.value(), JsonLimits{.bytes = kMostBytes, .depth = 2});
  if (!document.ok() || !document.value().is_object()) return damaged(path);
  DaemonOptions options;
  for (const auto& [name, value] : document.value().items()) {
    if (value.is_string())
      options[name] = value.get<std::string>();
    else if (value == json(true))
      options[name] = "";
    else if (value != json(false))
      return damaged(path);
  }
  return options;
}

Result<void> keep_options(const std::string& vault_folder, const DaemonOptions& options) {
  const auto path = kept_options_path(vault_folder);
  if (options.empty()) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path);
    return {};
  }
  json document = json::object();
  for (const auto& [name, value] : options)
    document[name] = value.empty() ? json(true) : json(value);
  const auto next = path + ".new";
  const File file(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0) return system_error(next);
  TRY(write_all(file.fd(), document.dump(1) + "\n"));
  if (fsync(file.fd()) != 0) return system_error(next);
  if (rename(next.c_str(), path.c_str()) != 0) return system_error(path);
  return {};
}

std::string written(const DaemonOptions& options) {
  std::string text;
  for (const auto& [name, value] : options)
    text += (text.empty() ? "--" : " --") + name + (value.empty() ? "" : " " + value);
  return text;
}

}  // namespace vrm::cli
