#pragma once
// Refusals that name fields or repeat what was typed. They are for the owner's eyes: the gaps fill
// the sentence, and the message, which may be logged, holds only its key.

#include <string>
#include <utility>

#include "vault/base/error.h"

namespace vrm::profile {

inline Error owners_refusal(ErrorCode code, std::string key, Gaps with = {}) {
  std::string message = key;
  return Error{code, std::move(message), std::move(key), std::move(with)};
}

}  // namespace vrm::profile
