#include "vault/store/chunks.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

std::uint64_t chunks_in(std::uint64_t body) {
  return body / kChunkBoxBytes + (body % kChunkBoxBytes > 0 ? 1 : 0);
}

std::uint64_t stream_in(std::uint64_t body) {
  const std::uint64_t rest = body % kChunkBoxBytes;
  const std::uint64_t tail = rest - std::min<std::uint64_t>(rest, crypto::kAeadOverheadBytes);
  return body / kChunkBoxBytes * kChunkBytes + tail;
}

// What is authenticated beside chunk `number`.
Bytes chunk_context(const Bytes& context, std::uint64_t number, bool last) {
  Encoder out;
  out.reserve(context.size() + 9);
  out.raw(context);
  out.u64(number);
  out.u8(last ? 1 : 0);
  return out.take();
}

}  // namespace

std::uint64_t bytes_of_chunks(std::uint64_t size) {
  return size +
         (size / kChunkBytes + (size % kChunkBytes > 0 ? 1 : 0)) * crypto::kAeadOverheadBytes;
}

ChunkWriter::ChunkWriter(File& file, std::uint64_t offset, crypto::Secret key, Bytes context,
                         Random& random)
    : file_(file),
      offset_(offset),
      key_(std::move(key)),
      context_(std::move(context)),
      random_(random) {
  plain_.reserve(kChunkBytes);
}

Result<void> ChunkWriter::write(BytesView bytes) {
  while (!bytes.empty()) {
    // A full chunk waits for what comes behind it: it may be the last.
    if (plain_.size() == kChunkBytes) TRY(flush(false));
    const BytesView now = bytes.first(std::min(bytes.size(), kChunkBytes - plain_.size()));
    plain_.insert(plain_.end(), now.begin(), now.end());
    bytes = bytes.subspan(now.size());
  }
  return {};
}

Result<void> ChunkWriter::finish() {
  VRM_CHECK(!plain_.empty());
  return flush(true);
}

Result<void> ChunkWriter::flush(bool last) {
  crypto::Nonce nonce;
  random_.fill(nonce);
  box_.resize(plain_.size() + crypto::kAeadOverheadBytes);
  crypto::seal_into(box_, key_.bytes(), nonce, plain_, chunk_context(context_, ++number_, last));
  TRY(file_.write(offset_, box_));
  offset_ += box_.size();
  plain_.clear();
  return {};
}

ChunkReader::ChunkReader(File& file, std::uint64_t offset, std::uint64_t size, crypto::Secret key,
                         Bytes context)
    : file_(file),
      offset_(offset),
      body_(size - std::min(size, offset)),
      chunks_(chunks_in(body_)),
      size_(stream_in(body_)),
      key_(std::move(key)),
      context_(std::move(context)) {}

void ChunkReader::go_to(std::uint64_t position) {
  VRM_CHECK(position <= size_);
  position_ = position;
}

Result<void> ChunkReader::read(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::uint64_t number = position_ / kChunkBytes + 1;
    if (number != loaded_) TRY(load(number));
    const std::size_t from = position_ % kChunkBytes;
    if (from >= plain_.size()) return Error{ErrorCode::Corrupt, "the stream ends too early"};
    const std::size_t now = std::min(out.size(), plain_.size() - from);
    std::copy_n(plain_.begin() + static_cast<std::ptrdiff_t>(from), now, out.begin());
    out = out.subspan(now);
    position_ += now;
  }
  return {};
}

Result<void> ChunkReader::load(std::uint64_t number) {
  loaded_ = 0;
  const auto refused = [&](bool cut) {
    bad_ = BadChunk{number, chunks_, cut};
    return Error{ErrorCode::Corrupt, "chunk " + std::to_string(number) + " does not open"};
  };
  const std::uint64_t before = (number - 1) * kChunkBoxBytes;
  if (before >= body_) {
    // Behind the last chunk there is nothing, unless there is no chunk at all.
    if (chunks_ > 0) return Error{ErrorCode::Corrupt, "the stream ends too early"};
    return refused(true);
  }
  box_.resize(std::min<std::uint64_t>(kChunkBoxBytes, body_ - before));
  const std::size_t got = TRY(file_.read(offset_ + before, box_));
  if (got != box_.size() || box_.size() <= crypto::kAeadOverheadBytes) return refused(true);
  plain_.resize(box_.size() - crypto::kAeadOverheadBytes);
  const auto opens_as = [&](bool last) {
    const auto context = chunk_context(context_, number, last);
    return crypto::open_into(plain_, key_.bytes(), box_, context).ok();
  };
  const bool last = number == chunks_;
  if (!opens_as(last)) return refused(last && opens_as(false));
  loaded_ = number;
  return {};
}

}  // namespace vrm::store
