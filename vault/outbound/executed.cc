#include "vault/outbound/executed.h"

#include <utility>

namespace vrm::outbound {

bool Executed::begin(const std::string& id) {
  if (!known_.emplace(id, nullptr).second) return false;
  ids_.push_back(id);
  if (ids_.size() > limits_.ids) {
    const auto oldest = known_.find(ids_.front());
    if (oldest->second != nullptr) {
      answer_bytes_ -= oldest->second->body.size();
      std::erase(answered_, oldest->first);
    }
    known_.erase(oldest);
    ids_.pop_front();
  }
  return true;
}

void Executed::answered(const std::string& id, SharedAnswer answer) {
  const auto found = known_.find(id);
  if (found == known_.end() || found->second != nullptr) return;
  answer_bytes_ += answer->body.size();
  found->second = std::move(answer);
  answered_.push_back(id);
  shed();
}

void Executed::shed() {
  while (answered_.size() > limits_.answers || answer_bytes_ > limits_.answer_bytes) {
    const SharedAnswer oldest = std::exchange(known_.at(answered_.front()), nullptr);
    answer_bytes_ -= oldest->body.size();
    answered_.pop_front();
  }
}

SharedAnswer Executed::answer_to(const std::string& id) const {
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second;
}

void Executed::forget_answers() {
  for (const auto& id : answered_) known_.at(id) = nullptr;
  answered_.clear();
  answer_bytes_ = 0;
}

}  // namespace vrm::outbound
