#pragma once
// Where what opens a vault comes from, tried in this order:
//
//   --credential-file F  --words-fd N  --words-file F  --words (asked)  --password-fd N
//   --password-file F  --password-command CMD (or VRM_PASSWORD_COMMAND)
//   VRM_ASKPASS when there is no terminal   /dev/tty, without echo
//
// A new passphrase comes by a way of its own, so that no script sets the old one again:
//
//   --new-password-fd N  --new-password-file F  --new-password-command CMD   VRM_ASKPASS   /dev/tty, twice
//
// On a terminal a slip - nothing typed, too short, two that differ, a word missing - is said, and
// the question comes again, kMostTries times in all.
//
// Never from argv, an environment variable's value or stdin by surprise.

#include <string>
#include <string_view>

#include "cli/call.h"
#include "cli/screen.h"
#include "cli/settings.h"
#include "cli/wiped_text.h"
#include "vault/base/result.h"

namespace vrm::cli {

// How often a person may type one secret.
inline constexpr int kMostTries = 3;

enum class Slot { Passphrase, Credential, Recovery };

// As the daemon's calls name it.
std::string_view to_string(Slot slot);

struct SlotSecret {
  Slot slot = Slot::Passphrase;
  bool asked = false;  // a person typed it, so that asking again makes sense
  WipedText secret;
};

// Whether a person will be asked for the secret, and for a new passphrase.
bool asks_person(const Flags& flags, const Settings& settings);
bool asks_new_passphrase(const Flags& flags, const Settings& settings);

// The secret that opens a vault; a passphrase is asked for with `question`.
// Malformed: the source is empty, too long, or a file that others can read; input.passphrase when
// nobody can be asked. NotFound, Io: the file or program.
Result<SlotSecret> secret_to_open(const Flags& flags, const Screen& screen,
                                  std::string_view question = "ask.passphrase");

// The secret of a new vault: a passphrase typed twice, or a credential file that this makes (32
// random bytes, 0600). As above. Conflict: the credential file exists.
Result<SlotSecret> secret_to_make(const Flags& flags, const Screen& screen);

// Recovery words, as typed or as they stand in a sheet, of which only the numbered lines count.
// Malformed: as secret_to_open; input.words when nobody can be asked.
Result<SlotSecret> words_to_open(const Flags& flags, const Screen& screen);

// As secret_to_open; secret.differs_kept when the two that were typed do.
Result<WipedText> new_passphrase(const Flags& flags, const Screen& screen);

}  // namespace vrm::cli
