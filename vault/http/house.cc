#include "vault/http/house.h"

#include "vault/base/check.h"

namespace vrm::http {

namespace {
constexpr std::size_t kLeavingAtMost = 64;
}

Admission House::enter(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = peers_.find(peer);
  if (found != peers_.end() && found->second >= per_peer_) return Admission::PeerFull;
  if (now_ >= connections_) return Admission::Full;
  ++now_;
  ++peers_[peer];
  return Admission::Welcome;
}

bool House::squeeze_in(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  if (now_ >= connections_ + kLeavingAtMost) return false;
  ++now_;
  ++peers_[peer];
  return true;
}

void House::leave(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = peers_.find(peer);
  VRM_CHECK(found != peers_.end() && now_ > 0);
  --now_;
  if (--found->second == 0) peers_.erase(found);
}

std::size_t House::size() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

}  // namespace vrm::http
