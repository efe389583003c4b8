#include "vault/store/head.h"

namespace vrm::store {

namespace {

std::size_t tables_of(std::uint32_t format) {
  if (format == 1) return 9;
  if (format == 2) return 14;
  return kTables;
}

}  // namespace

Bytes encode_head(const Head& head) {
  Encoder out;
  out.reserve(4096);
  out.u32(kFormat);
  out.u32(head.epoch);
  out.u64(head.counter);
  out.u64(head.log_records);
  out.raw(head.log_chain);
  out.i64(head.high_water.ms);
  out.raw(head.ring);
  out.raw(head.previous);
  head.sums.encode(out);
  return out.take();
}

Result<Head> decode_head(BytesView bytes) {
  Decoder in(bytes);
  const std::uint32_t format = in.u32();
  if (format < kOldestFormat || format > kFormat)
    return Error{ErrorCode::Corrupt, "head has another format"};
  Head head;
  head.epoch = in.u32();
  head.counter = in.u64();
  head.log_records = in.u64();
  head.log_chain = in.array<crypto::kDigestBytes>();
  head.high_water.ms = in.i64();
  head.ring = in.array<crypto::kDigestBytes>();
  head.previous = in.array<crypto::kDigestBytes>();
  head.sums = Sums::decode(in, tables_of(format));
  if (!in.done()) return Error{ErrorCode::Corrupt, "head has another length"};
  return head;
}

}  // namespace vrm::store
