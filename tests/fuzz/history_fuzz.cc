// Any bytes as a field's record or its history. What is accepted is written back as it was read.

#include <algorithm>
#include <cstdint>
#include <span>

#include "vault/base/check.h"
#include "vault/profile/history.h"

using namespace vrm;  // tests only

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes = std::span(data, size);
  const auto same = [bytes](const crypto::WipedBytes& again) {
    return std::equal(again.view().begin(), again.view().end(), bytes.begin(), bytes.end());
  };
  if (const auto record = profile::decode_record(bytes); record.ok())
    VRM_CHECK(same(profile::encode_record(record.value())));
  const auto history = profile::decode_history(bytes);
  if (!history.ok()) return 0;
  const auto again = profile::encode_history(history.value());
  const bool whole = history.value().versions.size() <= profile::kMostVersions &&
                     size <= profile::kMostHistoryBytes;
  // One that is too long is written without its oldest versions, and that is kept from then on.
  if (whole)
    VRM_CHECK(same(again));
  else
    VRM_CHECK(profile::decode_history(again.view()).ok());
  return 0;
}
