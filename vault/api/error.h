#pragma once
// Errors on the owner's wire (docs/api/owner.md): as JSON, as HTTP status and as exit code of
// `vrm`.

#include <nlohmann/json_fwd.hpp>

#include "vault/base/error.h"

namespace vrm::api {

// What `vrm` ends with. Scripts branch on these numbers; they do not change.
enum class Exit {
  Ok = 0,
  Failed = 1,
  Usage = 2,
  NotFound = 3,
  Locked = 4,
  NoDaemon = 5,
  Denied = 6,
  InputNeeded = 7,
  Conflict = 8,
  Partial = 9,
  NoVault = 10,
  BadKey = 11,
  Corrupt = 12,
  Unavailable = 13,
};

// Sentences that decide more than their ErrorCode does: each has a code, a status and an exit of
// its own. A key that ends with a dot stands for all that begin so.
inline constexpr const char* kNoVault = "vault.none";        // NotFound: nothing was made yet
inline constexpr const char* kNoFolder = "vault.no_folder";  // NotFound: not even its folder
inline constexpr const char* kNoDaemon =
    "daemon.none";                                     // Unavailable: nobody listens on the socket
inline constexpr const char* kDaemonKeys = "daemon.";  // Unavailable: … or it does not start
inline constexpr const char* kInputKeys = "input.";    // Malformed: a question, nobody to ask
inline constexpr const char* kPartial = "import.some_left";  // Conflict: some done, some not

Exit exit_code(const Error& error);
int http_status(const Error& error);

// {"error":{"code":…,"exit":…,"say":…,"with":{…},"message":…}}; `say` and `with` only when there is
// a sentence.
nlohmann::json to_json(const Error& error);

// The Error in such a document. A document of another shape, or a code that this build does not
// know, is an Io.
Error error_from_json(const nlohmann::json& document);

}  // namespace vrm::api
