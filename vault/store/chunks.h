#pragma once
// A stream of bytes in a file as numbered, sealed chunks of one size, of which the last says that it
// is the last: what is changed, exchanged, missing or cut off is noticed where it is.
//
//   chunk n = nonce 24 | at most 65536 bytes, sealed | tag 16    authenticated: context | n 8, from 1 | last 1

#include <cstdint>
#include <optional>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/secret.h"
#include "vault/store/disk.h"

namespace vrm::store {

inline constexpr std::size_t kChunkBytes = 65536;
inline constexpr std::size_t kChunkBoxBytes = kChunkBytes + crypto::kAeadOverheadBytes;

// How many bytes the chunks of a stream of `size` bytes take.
std::uint64_t bytes_of_chunks(std::uint64_t size);

class ChunkWriter {
 public:
  // Writes from `offset` on. The key is this stream's alone; `context` says what the stream is.
  ChunkWriter(File& file, std::uint64_t offset, crypto::Secret key, Bytes context, Random& random);

  Result<void> write(BytesView bytes);
  // The last chunk. REQUIRES: something was written. Nothing is written behind it.
  Result<void> finish();

  // Where the next chunk goes; after finish() the size of the file.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<void> flush(bool last);
  Result<void> seal(BytesView plain, bool last);

  File& file_;
  std::uint64_t offset_;
  const crypto::Secret key_;
  const Bytes context_;
  Random& random_;
  std::uint64_t number_ = 0;
  Bytes plain_;
  Bytes box_;
};

// Where a stream stops being what was written.
struct BadChunk {
  std::uint64_t chunk = 0;  // from 1
  std::uint64_t chunks = 0;
  bool cut = false;  // it is whole, but not the last one: what stood behind it is gone
};

class ChunkReader {
 public:
  // Reads from `offset` to the end of the file, which has `size` bytes.
  ChunkReader(File& file, std::uint64_t offset, std::uint64_t size, crypto::Secret key,
              Bytes context);

  // Fills `out`. Corrupt: the stream has an end before that, or a chunk does not open; see bad(). Io.
  Result<void> read(std::span<std::uint8_t> out);

  std::uint64_t position() const { return position_; }
  // How many bytes there are behind the position, if every chunk opens.
  std::uint64_t left() const { return size_ - position_; }
  // REQUIRES: position <= the size of the stream.
  void go_to(std::uint64_t position);

  std::uint64_t chunks() const { return chunks_; }
  const std::optional<BadChunk>& bad() const { return bad_; }

 private:
  std::size_t plain_size(std::uint64_t number) const;  // 0: there is no such chunk
  Result<void> load(std::uint64_t number);
  // REQUIRES: `plain` has plain_size(number).
  Result<void> open(std::uint64_t number, std::span<std::uint8_t> plain);

  File& file_;
  const std::uint64_t offset_;
  const std::uint64_t body_;
  const std::uint64_t chunks_;
  const std::uint64_t size_;
  const crypto::Secret key_;
  const Bytes context_;
  std::uint64_t position_ = 0;
  std::uint64_t loaded_ = 0;  // number of the chunk in plain_; 0: none
  Bytes plain_;
  Bytes box_;
  std::optional<BadChunk> bad_;
};

}  // namespace vrm::store
