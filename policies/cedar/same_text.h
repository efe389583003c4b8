#pragma once
// Whether two texts are the same, for short ones without a call: names of types and attributes mostly are.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace cedar {

inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto words_differ = [](auto word, const char* x, const char* y) {
    auto other = word;
    std::memcpy(&word, x, sizeof word);
    std::memcpy(&other, y, sizeof other);
    return word != other;
  };
  // The first word and the last one, which overlap, are all of it.
  const auto ends_differ = [&](auto word) {
    const std::size_t last = size - sizeof word;
    return words_differ(word, a.data(), b.data()) ||
           words_differ(word, a.data() + last, b.data() + last);
  };
  if (size > 2 * sizeof(std::uint64_t)) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= sizeof(std::uint64_t)) return !ends_differ(std::uint64_t{});
  if (size >= sizeof(std::uint32_t)) return !ends_differ(std::uint32_t{});
  if (size >= sizeof(std::uint16_t)) return !ends_differ(std::uint16_t{});
  return size == 0 || a.front() == b.front();
}

}  // namespace cedar
