#pragma once
// What happens in the vault, as it happens: followed with the number read last, over a daemon that
// is started again.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/session.h"
#include "vault/base/clock.h"

namespace vrm::cli {

class News {
 public:
  // Of one intent, from `cursor` on. `away` is called when the daemon stops answering.
  News(
      Session& session, std::string intent, std::int64_t cursor,
      std::function<void()> away = [] {});

  // Where the stream stands now. Errors of the call.
  static Result<std::int64_t> cursor_now(Session& session);

  // True: something happened, or may have while nobody answered. False: `most` passed.
  Result<bool> wait(Duration most);

  // A call that changes nothing: while no daemon answers, or its vault is locked, it is made again
  // for up to a minute. The last error otherwise.
  Result<nlohmann::json> call(const ApiCall& call);

 private:
  Session& session_;
  const SystemClock clock_;
  std::string intent_;
  std::int64_t cursor_;
  std::function<void()> away_;
  bool was_away_ = false;
};

}  // namespace vrm::cli
