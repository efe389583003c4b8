#pragma once
// What takes long, and how far it has come, for whoever asks meanwhile. One at a time; safe from any thread.

#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/store/backup.h"

namespace vrm::gate {

class LongWork {
 public:
  // Lasts as long as it lives: "rekey", "backup", "restore", "verify".
  class Turn {
   public:
    Turn(LongWork& work, std::string_view what);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    // For as long as the turn lasts.
    store::Progress progress();

   private:
    LongWork& work_;
  };

  // vrm.progress/1 of docs/api/owner.md; `doing` is null when there is nothing.
  nlohmann::json document() const;

 private:
  void set(std::string what, std::uint64_t done, std::uint64_t all);

  mutable std::mutex mutex_;
  std::string what_;
  std::uint64_t done_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace vrm::gate
