#pragma once
// A document's bytes between a file and the daemon, part by part: one part at most is in memory.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/session.h"

namespace vrm::cli {

// What the owner says of a file beside its bytes.
struct DocumentWish {
  std::string name;  // "" for one made of the file's
  std::string type;  // "" for what the file's name says
};

// Gives the document. NotFound, Io: the file. Malformed (doc.not_a_file): a folder or the like; (doc.file_changed): it
// grew or shrank meanwhile. Errors of the daemon; what was begun is dropped.
Result<nlohmann::json> send_document(Session& session, const std::string& file,
                                     const DocumentWish& wish);

// Writes all bytes of the document, as the daemon described it.
Result<void> fetch_document(Session& session, const nlohmann::json& document, int fd);

// The same, of at most `most` bytes. Malformed (doc.no_qr): it has more.
Result<std::string> fetch_small(Session& session, const nlohmann::json& document, std::size_t most);

}  // namespace vrm::cli
