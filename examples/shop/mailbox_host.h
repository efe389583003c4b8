#pragma once
// The three sides of a mailbox as the web sees them: a vault polls, a vault answers, and the shop's
// own client calls an address that looks like the vault's door.

#include <optional>
#include <string>
#include <string_view>

#include "examples/shop/exchange.h"
#include "examples/shop/folder.h"
#include "examples/shop/letter.h"
#include "examples/shop/mailbox.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/jose/replay.h"

namespace vrm::shop {

inline constexpr const char* kMailboxPath = "/vrm/mailbox";

class MailboxHost {
 public:
  // `endpoint` is {M}, the mailbox's public address; `hold` how long a request or a poll waits.
  MailboxHost(Folder folder, std::string client_id, std::string endpoint, Duration hold,
              const Clock& clock, Random& random)
      : folder_(std::move(folder)),
        client_id_(std::move(client_id)),
        endpoint_(std::move(endpoint)),
        clock_(clock),
        polls_(clock, random),
        mailbox_(hold, random) {}

  // The answer to a request whose path is relative to the shop's base; nothing when it is none of
  // the mailbox's.
  std::optional<Response> serve(const Request& request);

  // Ends every wait, so that the server can stop.
  void close() { mailbox_.close(); }

 private:
  Result<std::string> take_poll(std::string_view text);
  Result<void> take_answer(std::string_view text);
  Response poll(std::string_view text);
  Response answer(std::string_view text);
  Response pass_on(const Request& request, std::string path);
  Result<std::string> vid_of(const Letter& letter) const;

  Folder folder_;
  std::string client_id_;
  std::string endpoint_;
  const Clock& clock_;
  jose::ReplayMemory polls_;
  Mailbox mailbox_;
};

}  // namespace vrm::shop
