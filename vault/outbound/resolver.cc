#include "vault/outbound/resolver.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace vrm::outbound {

namespace {

std::optional<Address> address_of(const addrinfo& info) {
  Address made;
  if (info.ai_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, info.ai_addr, sizeof in);
    std::memcpy(made.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    return made;
  }
  if (info.ai_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, info.ai_addr, sizeof in);
    made.family = Address::Family::V6;
    std::memcpy(made.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    return made;
  }
  return std::nullopt;
}

std::vector<Address> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  std::vector<Address> found;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &first) != 0) return found;
  for (const addrinfo* info = first; info != nullptr; info = info->ai_next) {
    const auto address = address_of(*info);
    if (address && std::find(found.begin(), found.end(), *address) == found.end()) {
      found.push_back(*address);
    }
  }
  ::freeaddrinfo(first);
  return found;
}

}  // namespace

// Shared with threads that may outlive the question and the resolver: getaddrinfo has no deadline of
// its own.
struct SystemResolver::Desk {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
};

SystemResolver::SystemResolver() : desk_(std::make_shared<Desk>()) {}

void SystemResolver::stop() {
  const std::lock_guard lock(desk_->mutex);
  desk_->stopped = true;
  desk_->changed.notify_all();
}

Result<std::vector<Address>> SystemResolver::resolve(const std::string& host, Duration most) {
  using Answered = std::optional<std::vector<Address>>;
  const auto found = std::make_shared<Answered>();
  const auto desk = desk_;
  std::unique_lock lock(desk->mutex);
  if (desk->stopped) return refusal(ErrorCode::Unavailable, "outbound.stopped");
  std::thread([desk, found, host] {
    auto addresses = look_up(host);
    const std::lock_guard done(desk->mutex);
    *found = std::move(addresses);
    desk->changed.notify_all();
  }).detach();
  (void)desk->changed.wait_for(lock, most, [&] { return desk->stopped || found->has_value(); });
  if (desk->stopped) return refusal(ErrorCode::Unavailable, "outbound.stopped");
  if (!*found || (*found)->empty()) {
    return refusal(ErrorCode::Unavailable, "outbound.name_not_found", {{"host", host}});
  }
  return std::move(**found);
}

}  // namespace vrm::outbound
