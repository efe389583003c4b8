#pragma once
// Shows, before a door opens, that the strict pass catches what it is there for.
//
// The layout check leans on how one version of the library parses. A library that was replaced by a
// newer one may parse differently and let a shape through: then the door stays shut.

#include "vault/base/clock.h"
#include "vault/base/result.h"

namespace vrm::http {

// Sends good and bad requests through a loop of its own, over a socket pair. Denied: a bad one was
// served or a good one was not; the message names it. Io: the system refused a socket.
Result<void> test_strict_pass(const Clock& clock);

}  // namespace vrm::http
