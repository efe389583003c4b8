#pragma once
// A document that was granted: fetched in parts, held against the SHA-256 that the read told, and written into a new
// file.

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "vault/base/result.h"

namespace vrm::shop {

// What a read tells of a document.
struct DocumentFacts {
  std::string name;  // what the owner's file was called: no path, no promise
  std::string type;
  std::int64_t size = 0;
  std::int64_t parts = 0;
  std::string sha256;  // hex
};

// Nothing: the field is no document, or has no value.
std::optional<DocumentFacts> document_in(const nlohmann::json& field);

// The bytes of part 1, 2, …
using PartSource = std::function<Result<std::string>(std::int64_t part)>;

// Conflict: `path` is there already. BadKey: what came is not what the read told; nothing is kept. Io. Errors of
// `source`.
Result<void> download(const DocumentFacts& document, const PartSource& source,
                      const std::string& path);

}  // namespace vrm::shop
