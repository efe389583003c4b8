#include "vault/gate/repeats.h"

#include <chrono>

namespace vrm::gate {

namespace {

constexpr Duration kRepeatLife = std::chrono::seconds(60);
constexpr std::size_t kMostRepeats = 10'000;

std::string place_of(const journal::Entry& read, const std::string& key) {
  return read.grant + ' ' + key;
}

std::string wanted_by(const journal::Entry& read) {
  std::string what = read.purpose;
  for (const auto& field : read.fields) what += ' ' + field;
  return what;
}

}  // namespace

Repeats::Seen Repeats::look(const journal::Entry& read, const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = counted_.find(place_of(read, key));
  if (found == counted_.end() || found->second.until <= clock_.ticks()) return Seen::Never;
  return found->second.what == wanted_by(read) ? Seen::Counted : Seen::Another;
}

void Repeats::note(const journal::Entry& read, const std::string& key) {
  const Duration now = clock_.ticks();
  const std::lock_guard lock(mutex_);
  if (counted_.size() >= kMostRepeats)
    std::erase_if(counted_, [now](const auto& each) { return each.second.until <= now; });
  if (counted_.size() >= kMostRepeats) counted_.clear();  // then each of them counts again
  counted_.insert_or_assign(place_of(read, key), Counted{wanted_by(read), now + kRepeatLife});
}

}  // namespace vrm::gate
