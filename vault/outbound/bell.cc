#include "vault/outbound/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "vault/base/check.h"

namespace vrm::outbound {

Bell::Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  VRM_CHECK(fd_ >= 0);
}

Bell::~Bell() {
  ::close(fd_);
}

void Bell::ring() const {
  const std::uint64_t one = 1;
  (void)!::write(fd_, &one, sizeof one);
}

void Bell::silence() const {
  std::uint64_t rung = 0;
  (void)!::read(fd_, &rung, sizeof rung);
}

}  // namespace vrm::outbound
