#include "vault/gate/document_watch.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "vault/gate/brand_refresh.h"

namespace vrm::gate {

namespace {

bool serves(State state) {
  return state == State::Serving || state == State::Open;
}

}  // namespace

void DocumentWatch::start() {
  thread_ = std::thread([this] {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !wanted_.empty(); });
        if (stopped_) return;
      }
      work_one();
    }
  });
}

void DocumentWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Duration DocumentWatch::drawn(Duration most) {
  std::array<std::uint8_t, 8> bytes{};
  vault_.means().random.fill(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return Duration(static_cast<std::int64_t>(number % static_cast<std::uint64_t>(most.count() + 1)));
}

// A machine that runs for minutes a day is to look all the same.
Duration DocumentWatch::first_look(const brands::Brand& brand) {
  const Duration ticks = vault_.means().clock.ticks();
  const Duration since(vault_.now().ms - std::max(brand.checked_at.ms, brand.keys_since.ms));
  if (since >= times_.least) return ticks + drawn(times_.overdue);
  return ticks + times_.least - since + drawn(times_.spread);
}

void DocumentWatch::want(const std::string& handle) {
  if (std::find(wanted_.begin(), wanted_.end(), handle) == wanted_.end()) wanted_.push_back(handle);
  changed_.notify_all();
}

void DocumentWatch::wonder(const std::string& handle) {
  const Duration ticks = vault_.means().clock.ticks();
  const std::lock_guard lock(mutex_);
  auto& wondered_at = looks_[handle].wondered_at;
  if (wondered_at && ticks - *wondered_at < times_.wondering) return;
  wondered_at = ticks;
  want(handle);
}

void DocumentWatch::tick() {
  if (!serves(vault_.state())) return;
  const Duration ticks = vault_.means().clock.ticks();
  const auto known = vault_.rooms()->brands.list();
  const std::lock_guard lock(mutex_);
  std::map<std::string, Look, std::less<>> looks;
  for (const auto& brand : known) {
    if (brand->standing == brands::Standing::Blocked) continue;
    Look look = looks_[brand->handle];
    if (look.next == Duration(0)) look.next = first_look(*brand);
    if (look.next <= ticks) {
      want(brand->handle);
      look.next = ticks + times_.retry + drawn(times_.retry);  // unless this look succeeds
    }
    looks.emplace(brand->handle, look);
  }
  looks_ = std::move(looks);
}

bool DocumentWatch::work_one() {
  std::string handle;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || wanted_.empty()) return false;
    handle = std::move(wanted_.front());
    wanted_.pop_front();
  }
  if (!serves(vault_.state())) return true;
  const auto brand = vault_.rooms()->brands.find(handle);
  if (brand == nullptr || brand->standing == brands::Standing::Blocked) return true;
  // What failed is tried again when its turn comes; the owner sees since when nobody looked.
  if (!refresh_brand(vault_, handle).ok()) return true;
  const Duration next = vault_.means().clock.ticks() + times_.least + drawn(times_.spread);
  const std::lock_guard lock(mutex_);
  looks_[handle].next = next;
  return true;
}

}  // namespace vrm::gate
