#pragma once
// How many connections a door holds, in all and from each peer, over all its loops.

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace vrm::http {

enum class Admission {
  Welcome,
  Full,      // the house is full; one more fits when another one goes
  PeerFull,  // this peer has its share
};

// Safe from any thread.
class House {
 public:
  House(std::size_t connections, std::size_t per_peer)
      : connections_(connections), per_peer_(per_peer) {}

  // Counts the newcomer in, but for Full and PeerFull.
  Admission enter(const std::string& peer);
  // Counts the newcomer in although the house is full, because another one is being shown out.
  // False: too many are on their way out already.
  bool squeeze_in(const std::string& peer);
  // REQUIRES: the peer was counted in.
  void leave(const std::string& peer);

  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  const std::size_t connections_;
  const std::size_t per_peer_;
  std::size_t now_ = 0;
  std::unordered_map<std::string, std::size_t> peers_;
};

}  // namespace vrm::http
