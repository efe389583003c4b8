#pragma once
// The boxes of one vault as they lie somewhere: in its SQLite file or in a backup.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "vault/base/result.h"
#include "vault/store/row.h"

namespace vrm::store {

struct LogBox {
  std::uint64_t number = 0;
  Bytes box;
};

class Boxes {
 public:
  virtual ~Boxes() = default;

  // NotFound: there is none. Corrupt, Io.
  virtual Result<Bytes> head() = 0;
  virtual Result<Bytes> ring() = 0;

  // Every row, in the order of their places; its box lives for the visit. `row` is nothing when it has no proper
  // shape; `place` is then all there is to say. Corrupt: what follows cannot be read. The visitor's Error ends it.
  using RowVisitor = std::function<Result<void>(std::int64_t place, const std::optional<Row>& row)>;
  virtual Result<void> each_row(const RowVisitor& visitor) = 0;

  // The log's boxes from number `from` on, `most` at the most, in order; numbers are compared as
  // signed ones. Corrupt, Io.
  virtual Result<std::vector<LogBox>> log_from(std::uint64_t from, std::size_t most) = 0;

  // What can be checked of the whole without a key. Corrupt.
  virtual Result<void> check_pages() = 0;

 protected:
  Boxes() = default;
  Boxes(const Boxes&) = default;
  Boxes& operator=(const Boxes&) = default;
};

}  // namespace vrm::store
