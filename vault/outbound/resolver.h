#pragma once
// From a name to its addresses.

#include <memory>
#include <string>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/outbound/address.h"

namespace vrm::outbound {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // All addresses of `host`, at least one. Unavailable: none is known, or none came within `most`.
  // Safe from any thread.
  virtual Result<std::vector<Address>> resolve(const std::string& host, Duration most) = 0;
};

// The system's resolver (getaddrinfo).
class SystemResolver final : public Resolver {
 public:
  SystemResolver();

  Result<std::vector<Address>> resolve(const std::string& host, Duration most) override;
  // Whoever waits gets Unavailable at once, and so does everybody after.
  void stop();

 private:
  struct Desk;
  const std::shared_ptr<Desk> desk_;
};

}  // namespace vrm::outbound
