#pragma once
// Where the passphrase or credential comes from, tried in this order:
//
//   --credential-file F  --password-fd N  --password-file F  --password-command CMD (or
//   VRM_PASSWORD_COMMAND) VRM_ASKPASS when there is no terminal   /dev/tty, without echo
//
// Never from argv, an environment variable's value or stdin by surprise.

#include <string>

#include "cli/call.h"
#include "cli/settings.h"
#include "cli/wiped_text.h"
#include "vault/base/result.h"

namespace vrm::cli {

struct SlotSecret {
  bool credential = false;  // else a passphrase
  bool asked = false;       // a person typed it, so that asking again makes sense
  WipedText secret;
};

// Whether a person will be asked for the secret.
bool asks_person(const Flags& flags, const Settings& settings);

// The secret that opens a vault.
// Malformed: the source is empty, too long, or a file that others can read; input.passphrase when
// nobody can be asked. NotFound, Io: the file or program.
Result<SlotSecret> secret_to_open(const Flags& flags, const Settings& settings);

// The secret of a new vault: a passphrase typed twice, or a credential file that this makes (32
// random bytes, 0600). As above. Conflict: the credential file exists.
Result<SlotSecret> secret_to_make(const Flags& flags, const Settings& settings);

}  // namespace vrm::cli
