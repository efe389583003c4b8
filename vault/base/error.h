#pragma once
// What can go wrong, as a value.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vrm {

// Callers branch on the code and people read the words; nobody parses the words.
enum class ErrorCode {
  Malformed,    // the input cannot be read as what it claims to be
  NotFound,     // the named thing is not in the vault
  Conflict,     // the thing exists already, or changed under the caller
  Locked,       // the vault is closed: no passphrase has been given
  Denied,       // a rule or the owner said no
  BadKey,       // passphrase, key or signature does not match
  Corrupt,      // stored bytes do not authenticate or do not decode
  Unavailable,  // the other side does not answer now; a retry may succeed
  Io,           // the operating system refused
};

std::string_view to_string(ErrorCode code);

// Names and values that fill the {gaps} of a sentence of the catalogue (vault/words).
using Gaps = std::vector<std::pair<std::string, std::string>>;

struct Error {
  ErrorCode code;
  std::string message;   // for logs and developers: English, one sentence, lower case, no full stop
  std::string say = {};  // key of the sentence for a person, "" when only the code can be said
  Gaps with = {};        // what fills that sentence; never a secret, never a field's value
};

// An Error that a person will read. `key` names a sentence of the catalogue, in every language of
// it.
Error refusal(ErrorCode code, std::string key, Gaps with = {});

}  // namespace vrm
