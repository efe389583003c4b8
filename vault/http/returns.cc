#include "vault/http/returns.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "vault/base/check.h"
#include "vault/http/problem.h"

namespace vrm::http {

Returns::Returns() : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Returns::~Returns() {
  if (bell_ >= 0) ::close(bell_);
}

void Returns::give(Return one) {
  const bool on_loop = std::this_thread::get_id() == loop_thread_;
  if (on_loop && one.connection == handed_) {
    direct_ = std::move(one);
    return;
  }
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    first = given_.empty();
    given_.push_back(std::move(one));
  }
  // The loop looks at the queue itself before it waits.
  if (first && !on_loop) ring();
}

void Returns::ring() {
  const std::uint64_t one = 1;
  (void)!::write(bell_, &one, sizeof one);
}

void Returns::take(std::vector<Return>& into) {
  into.clear();
  const std::lock_guard lock(mutex_);
  into.swap(given_);
}

void Returns::silence() {
  std::uint64_t rung = 0;
  (void)!::read(bell_, &rung, sizeof rung);
}

bool Returns::waiting() const {
  const std::lock_guard lock(mutex_);
  return !given_.empty();
}

void Returns::close() {
  std::vector<Return> dropped;  // their functions end outside the lock
  const std::lock_guard lock(mutex_);
  open_ = false;
  dropped.swap(given_);
}

Ticket::~Ticket() {
  if (!answered_.exchange(true)) {
    returns_->give({connection_, problem({500, "the request was not answered"}), nullptr});
  }
}

void Ticket::send(routes::Answer answer) {
  VRM_CHECK(!answered_.exchange(true));
  returns_->give({connection_, std::move(answer), nullptr});
}

void Ticket::send_later(std::function<routes::Answer()> finish) {
  VRM_CHECK(!answered_.exchange(true));
  returns_->give({connection_, {}, std::move(finish)});
}

}  // namespace vrm::http
