#pragma once
// Fixed-width integers, little endian, and runs of bytes, one after another: what every format of
// the vault is made of.

#include <array>
#include <cstdint>
#include <span>

#include "vault/base/bytes.h"

namespace vrm::store {

inline std::array<std::uint8_t, 8> bytes_of_number(std::uint64_t number) {
  std::array<std::uint8_t, 8> little;
  for (std::size_t i = 0; i < 8; ++i) little[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return little;
}

class Encoder {
 public:
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value), 8); }
  void raw(BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void reserve(std::size_t size) { out_.reserve(size); }

  BytesView view() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  void number(std::uint64_t value, std::size_t bytes) {
    raw(BytesView(bytes_of_number(value)).first(bytes));
  }

  Bytes out_;
};

// Reads what an Encoder wrote. Once something was asked for that is not there, failed() stays true
// and all is zero.
class Decoder {
 public:
  explicit Decoder(BytesView bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }

  // A view into the bytes read; empty after a failure.
  BytesView raw(std::size_t size) {
    if (failed_ || rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const BytesView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    const BytesView taken = raw(N);
    for (std::size_t i = 0; i < taken.size(); ++i) out[i] = taken[i];
    return out;
  }
  BytesView rest() { return raw(rest_.size()); }

  bool failed() const { return failed_; }
  // Everything was there, and nothing is left.
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const BytesView taken = raw(bytes);
    for (std::size_t i = 0; i < taken.size(); ++i)
      value |= static_cast<std::uint64_t>(taken[i]) << (8 * i);
    return value;
  }

  BytesView rest_;
  bool failed_ = false;
};

}  // namespace vrm::store
