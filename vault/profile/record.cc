#include "vault/profile/record.h"

#include <algorithm>

namespace vrm::profile {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kDerived = 1;
constexpr std::size_t kHeadBytes = 2 + 8 + 8 + 3;
constexpr std::size_t kMaxPart = 255;

void put_number(std::span<std::uint8_t> out, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number);
  for (std::size_t i = 8; i-- > 0; rest >>= 8U) out[i] = static_cast<std::uint8_t>(rest & 0xFFU);
}

std::int64_t get_number(BytesView bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = (number << 8U) | bytes[i];
  return static_cast<std::int64_t>(number);
}

Error not_a_record() {
  return Error{ErrorCode::Corrupt, "a row of the fields holds no field"};
}

}  // namespace

crypto::WipedBytes encode_record(const Record& record) {
  VRM_CHECK(record.name.size() <= kMaxPart && record.type.size() <= kMaxPart &&
            record.source.size() <= kMaxPart);
  const std::size_t size = kHeadBytes + record.name.size() + record.type.size() +
                           record.source.size() + record.value.size();
  crypto::WipedBytes out(size);
  const auto bytes = out.writable();
  bytes[0] = kFormat;
  bytes[1] = record.derived ? kDerived : 0;
  put_number(bytes.subspan(2, 8), record.at.ms);
  put_number(bytes.subspan(10, 8), record.version);
  bytes[18] = static_cast<std::uint8_t>(record.name.size());
  bytes[19] = static_cast<std::uint8_t>(record.type.size());
  bytes[20] = static_cast<std::uint8_t>(record.source.size());
  auto at = bytes.begin() + kHeadBytes;
  for (const auto part : {record.name, record.type, record.source, record.value}) {
    const auto view = bytes_of(part);
    at = std::copy(view.begin(), view.end(), at);
  }
  return out;
}

Result<Record> decode_record(BytesView bytes) {
  if (bytes.size() < kHeadBytes || bytes[0] != kFormat || bytes[1] > kDerived)
    return not_a_record();
  const std::size_t name = bytes[18];
  const std::size_t type = bytes[19];
  const std::size_t source = bytes[20];
  if (bytes.size() < kHeadBytes + name + type + source) return not_a_record();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Record out;
  out.derived = bytes[1] == kDerived;
  out.at = {get_number(bytes.subspan(2, 8))};
  out.version = get_number(bytes.subspan(10, 8));
  out.name = text.substr(kHeadBytes, name);
  out.type = text.substr(kHeadBytes + name, type);
  out.source = text.substr(kHeadBytes + name + type, source);
  out.value = text.substr(kHeadBytes + name + type + source);
  return out;
}

}  // namespace vrm::profile
