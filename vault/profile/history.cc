#include "vault/profile/history.h"

#include <algorithm>

namespace vrm::profile {

namespace {

constexpr std::uint8_t kHistoryFormat = 1;
constexpr std::size_t kHistoryHeadBytes = 1 + sizeof(store::KeyId);
constexpr std::size_t kVersionBytes = 1 + 4;

Error not_a_history() {
  return Error{ErrorCode::Corrupt, "a row of the versions holds no history"};
}

void put_size(std::span<std::uint8_t> out, std::size_t size) {
  for (std::size_t i = 4; i-- > 0; size >>= 8U) out[i] = static_cast<std::uint8_t>(size & 0xFFU);
}

std::size_t get_size(BytesView bytes) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = (size << 8U) | bytes[i];
  return size;
}

}  // namespace

crypto::WipedBytes encode_history(const History& history) {
  std::vector<crypto::WipedBytes> records;  // the newest first
  std::size_t size = kHistoryHeadBytes;
  for (auto at = history.versions.rbegin(); at != history.versions.rend(); ++at) {
    auto record = encode_record(at->record);
    const std::size_t more = kVersionBytes + record.view().size();
    const bool fits = records.size() < kMostVersions && size + more <= kMostHistoryBytes;
    if (!records.empty() && !fits) break;
    size += more;
    records.push_back(std::move(record));
  }
  crypto::WipedBytes out(size);
  const auto bytes = out.writable();
  bytes[0] = kHistoryFormat;
  std::copy(history.key.begin(), history.key.end(), bytes.begin() + 1);
  auto place = kHistoryHeadBytes;
  auto version = history.versions.end() - static_cast<std::ptrdiff_t>(records.size());
  for (auto at = records.rbegin(); at != records.rend(); ++at, ++version) {
    const BytesView record = at->view();
    bytes[place] = version->undone ? 1 : 0;
    put_size(bytes.subspan(place + 1, 4), record.size());
    place += kVersionBytes;
    std::copy(record.begin(), record.end(), bytes.subspan(place).begin());
    place += record.size();
  }
  return out;
}

Result<History> decode_history(BytesView bytes) {
  if (bytes.size() < kHistoryHeadBytes || bytes[0] != kHistoryFormat) return not_a_history();
  History out;
  std::copy_n(bytes.begin() + 1, out.key.size(), out.key.begin());
  for (BytesView rest = bytes.subspan(kHistoryHeadBytes); !rest.empty();) {
    if (rest.size() < kVersionBytes || rest[0] > 1) return not_a_history();
    const std::size_t size = get_size(rest.subspan(1, 4));
    if (size > rest.size() - kVersionBytes) return not_a_history();
    const Record record = TRY(decode_record(rest.subspan(kVersionBytes, size)));
    if (!record.name.empty() || record.derived) return not_a_history();
    if (!out.versions.empty() && out.versions.back().record.version >= record.version)
      return not_a_history();
    out.versions.push_back({record, rest[0] == 1});
    rest = rest.subspan(kVersionBytes + size);
  }
  return out;
}

}  // namespace vrm::profile
