#pragma once
// One run of one command: what was typed, where it writes, and the daemon it speaks to.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/call.h"
#include "cli/client.h"
#include "cli/process.h"
#include "cli/screen.h"

namespace vrm::cli {

class Session {
 public:
  Session(const Call& call, const Flags& global, Screen& screen)
      : call_(call), global_(global), screen_(screen) {}

  Screen& screen() { return screen_; }
  const Settings& settings() const { return screen_.settings(); }
  const Flags& flags() const { return call_.flags; }
  const std::vector<std::string>& arguments() const { return call_.arguments; }
  // REQUIRES: there are more arguments than `at`.
  const std::string& argument(std::size_t at) const { return call_.arguments.at(at); }

  bool has(std::string_view flag) const { return has_flag(call_.flags, flag); }
  std::optional<std::string> value(std::string_view flag) const {
    return flag_value(call_.flags, flag);
  }
  // Every value given, in the order typed.
  std::vector<std::string> values(std::string_view flag) const;
  // Malformed: the flag's value is no positive whole number.
  Result<std::optional<std::int64_t>> number(std::string_view flag) const;
  // The flag's length of time, or `otherwise`. Malformed: it is none.
  Result<Duration> length(std::string_view flag, Duration otherwise) const;

  // A call to the daemon, which is started when nobody listens. The first call of a command, but one for the
  // status, says that a person did it, unless there is none (--no-input): what is asked again and again
  // behind it does not keep the vault open.
  Result<nlohmann::json> send(ApiCall call);
  // The same without starting it; for a secret, of which no second copy is kept, and where not
  // running is an answer.
  Result<nlohmann::json> send_if_running(ApiCall call);
  Result<nlohmann::json> get(std::string path);
  // An answer that is no document: its bytes. As send_if_running.
  Result<std::string> fetch(std::string path);
  Result<nlohmann::json> post(std::string path, const nlohmann::json& body);
  Result<nlohmann::json> post(std::string path);

  Result<DaemonPlan> daemon_plan() const;

  // Whether a question comes before what is to be done; false under --yes. Malformed (input.confirm): nobody can be
  // asked.
  Result<bool> asks() const;
  // Yes without asking under --yes. Malformed (input.confirm): nobody can be asked. Denied: the
  // answer was no.
  Result<void> confirm(std::string_view key, const Gaps& with);

 private:
  // NotFound (vault.no_folder).
  Result<void> must_be_there(const std::string& folder) const;

  Result<Client> client_for(Duration patience) const;
  bool is_first_of_person(const ApiCall& call);

  const Call& call_;
  const Flags& global_;
  Screen& screen_;
  bool counted_ = false;  // a call of this command was a person's
};

}  // namespace vrm::cli
