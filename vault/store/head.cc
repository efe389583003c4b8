#include "vault/store/head.h"

#include "vault/base/check.h"

namespace vrm::store {

Bytes encode_head(const Head& head) {
  const Format* format = format_of(head.format);
  VRM_CHECK(format != nullptr);
  Encoder out;
  out.reserve(8192);
  out.u32(format->number);
  out.u32(head.epoch);
  out.u64(head.counter);
  out.u64(head.log_records);
  out.raw(head.log_chain);
  out.i64(head.high_water.ms);
  out.raw(head.ring);
  out.raw(head.previous);
  head.sums.encode(out, format->tables);
  return out.take();
}

Result<Head> decode_head(BytesView bytes) {
  Decoder in(bytes);
  const Format* format = format_of(in.u32());
  if (format == nullptr) return Error{ErrorCode::Corrupt, "head has another format"};
  Head head;
  head.format = format->number;
  head.epoch = in.u32();
  head.counter = in.u64();
  head.log_records = in.u64();
  head.log_chain = in.array<crypto::kDigestBytes>();
  head.high_water.ms = in.i64();
  head.ring = in.array<crypto::kDigestBytes>();
  head.previous = in.array<crypto::kDigestBytes>();
  head.sums = Sums::decode(in, format->tables);
  if (!in.done()) return Error{ErrorCode::Corrupt, "head has another length"};
  return head;
}

}  // namespace vrm::store
