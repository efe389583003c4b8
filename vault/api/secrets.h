#pragma once
// What a secret must be before it is worth a second of deriving its key. The daemon decides; `vrm` asks again at once.

#include <cstddef>

namespace vrm::api {

inline constexpr std::size_t kShortestPassphrase = 8;
inline constexpr std::size_t kRecoveryWords = 12;

}  // namespace vrm::api
