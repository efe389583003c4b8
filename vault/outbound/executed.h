#pragma once
// Which requests of a mailbox were executed, so that none is twice, and what the last were answered.
//
// Both are bounded: of more requests than fit, the oldest are forgotten.

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "vault/routes/request.h"

namespace vrm::outbound {

using SharedAnswer = std::shared_ptr<const routes::Answer>;

class Executed {
 public:
  struct Limits {
    std::size_t ids = 4096;
    std::size_t answers = 64;
    std::size_t answer_bytes = 512 * 1024;
  };

  Executed() = default;
  explicit Executed(Limits limits) : limits_(limits) {}

  // True: it is new, and now known.
  bool begin(const std::string& id);
  // Keeps the answer for a while. Nothing happens when the id is forgotten.
  void answered(const std::string& id, SharedAnswer answer);
  // Null: none yet, or no more.
  SharedAnswer answer_to(const std::string& id) const;
  // Answers hold values of the owner's; the ids stay known.
  void forget_answers();

  std::size_t size() const { return known_.size(); }

 private:
  void shed();

  Limits limits_;
  std::unordered_map<std::string, SharedAnswer> known_;
  std::deque<std::string> ids_;       // by age
  std::deque<std::string> answered_;  // those with an answer, by age
  std::size_t answer_bytes_ = 0;
};

}  // namespace vrm::outbound
