#include "vault/gate/waiting.h"

#include "vault/gate/documents.h"

namespace vrm::gate {

std::optional<Waiting> waiting_in(const Vault& vault) {
  const State state = vault.state();
  if (state != State::Open && state != State::Serving) return std::nullopt;
  const Rooms& rooms = *vault.rooms();
  const Instant now = vault.now();
  Waiting waiting;
  for (const auto& request : rooms.requests.list()) {
    if (!waits_for_owner(rooms, *request, now)) continue;
    waiting.requests.insert(request->id.text);
    ++waiting.by_brand[request->brand];
  }
  return waiting;
}

}  // namespace vrm::gate
