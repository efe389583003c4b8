// OwnerDesk: locking and sealing, by the owner's word and by the two limits.
//
// Both limits are measured by the clock's ticks, which go on while the machine sleeps. The idle limit counts from what
// a person did last (touch); the hard limit counts from the unlock, and nothing puts it off but another one.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

bool is_open(State state) {
  return state == State::Open || state == State::Rescue;
}

}  // namespace

void OwnerDesk::touch() {
  touched_ms_ = vault_.means().clock.ticks().count();
}

void OwnerDesk::opened() {
  touch();
  opened_ms_ = touched_ms_.load();
}

void OwnerDesk::lock_when_due() {
  if (!is_open(vault_.state())) return;
  vault_.rooms()->uploads.drop_stale(vault_.means().clock.ticks());
  const auto now = vault_.means().clock.ticks().count();
  const auto is_over = [now](std::optional<Duration> limit, std::int64_t since) {
    return limit && now - since >= limit->count();
  };
  const bool hard = is_over(limits_.hard_lock, opened_ms_);
  if (!hard && !is_over(limits_.idle_lock, touched_ms_)) return;
  // Neither the door nor the daemon's clock waits for what takes long; both come again.
  vault_.lock_unless_changing(hard ? LockCause::Limit : LockCause::Idle);
}

void OwnerDesk::lock_by_signal() {
  static_cast<void>(vault_.lock(LockCause::Signal).ok());
}

Result<json> OwnerDesk::lock() {
  TRY(vault_.lock(LockCause::Command));
  return status();
}

Result<json> OwnerDesk::seal() {
  TRY(vault_.seal());
  return status();
}

void OwnerDesk::add_limits(json& vault) const {
  const auto last = vault_.last_lock();
  if (last.at != Instant())
    vault["last_lock"] = {{"why", to_string(last.cause)}, {"at", in_seconds(last.at)}};
  if (limits_.idle_lock) vault["idle_lock_s"] = limits_.idle_lock->count() / 1000;
  if (limits_.hard_lock) vault["hard_lock_s"] = limits_.hard_lock->count() / 1000;
  if (!is_open(vault_.state())) return;
  const auto& clock = vault_.means().clock;
  const auto ends = [&](Duration limit, std::int64_t since) {
    return clock.now() + (limit - (clock.ticks() - Duration(since)));
  };
  if (limits_.idle_lock) vault["locks_at"] = in_seconds(ends(*limits_.idle_lock, touched_ms_));
  if (limits_.hard_lock)
    vault["locks_latest_at"] = in_seconds(ends(*limits_.hard_lock, opened_ms_));
}

}  // namespace vrm::gate
