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
    // Whole chunks are sealed from where they are.
    if (plain_.empty() && bytes.size() > kChunkBytes) {
      TRY(seal(bytes.first(kChunkBytes), false));
      bytes = bytes.subspan(kChunkBytes);
      continue;
    }
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
  TRY(seal(plain_, last));
  plain_.clear();
  return {};
}

Result<void> ChunkWriter::seal(BytesView plain, bool last) {
  crypto::Nonce nonce;
  random_.fill(nonce);
  box_.resize(plain.size() + crypto::kAeadOverheadBytes);
  crypto::seal_into(box_, key_.bytes(), nonce, plain, chunk_context(context_, ++number_, last));
  TRY(file_.write(offset_, box_));
  offset_ += box_.size();
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

std::size_t ChunkReader::plain_size(std::uint64_t number) const {
  const std::uint64_t before = (number - 1) * kChunkBoxBytes;
  if (before >= body_) return 0;
  const std::size_t box = std::min<std::uint64_t>(kChunkBoxBytes, body_ - before);
  return box - std::min(box, crypto::kAeadOverheadBytes);
}

Result<void> ChunkReader::read(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::uint64_t number = position_ / kChunkBytes + 1;
    const std::size_t from = position_ % kChunkBytes;
    const std::size_t whole = plain_size(number);
    if (number != loaded_ && from == 0 && whole > 0 && out.size() >= whole) {
      // Whole chunks are opened where they are wanted.
      TRY(open(number, out.first(whole)));
      out = out.subspan(whole);
      position_ += whole;
      continue;
    }
    if (number != loaded_) TRY(load(number));
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
  plain_.resize(plain_size(number));
  TRY(open(number, plain_));
  loaded_ = number;
  return {};
}

Result<void> ChunkReader::open(std::uint64_t number, std::span<std::uint8_t> plain) {
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
  const auto opens_as = [&](bool last) {
    const auto context = chunk_context(context_, number, last);
    return crypto::open_into(plain, key_.bytes(), box_, context).ok();
  };
  const bool last = number == chunks_;
  if (!opens_as(last)) return refused(last && opens_as(false));
  return {};
}

}  // namespace vrm::store
