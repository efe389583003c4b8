// BrandDesk: a document's bytes. Each part is decided on as any read is; the parts of ten minutes are one read, that was
// recorded before the first of them left.

#include <chrono>

#include "vault/gate/brand_desk.h"
#include "vault/gate/documents.h"

namespace vrm::gate {

namespace {

constexpr Duration kOneRead = std::chrono::minutes(10);
constexpr std::size_t kMostAtOnce = 1000;

std::string name_of(std::string_view grant, std::string_view field) {
  return std::string(grant) + " " + std::string(field);
}

}  // namespace

bool BrandDesk::is_being_read(const Caller& caller, const grants::Grant& grant,
                              const std::string& field) {
  const auto document = caller.rooms->documents.find(field);
  if (document == nullptr || grant.reads == 0) return false;
  const std::lock_guard lock(documents_mutex_);
  const auto found = being_read_.find(name_of(grant.id.text, field));
  return found != being_read_.end() && found->second.row == document->row &&
         vault_.means().clock.ticks() < found->second.until;
}

void BrandDesk::note_documents(const Caller& caller, const journal::Entry& entry) {
  for (const auto& field : entry.fields) {
    const auto document = caller.rooms->documents.find(field);
    if (document == nullptr) continue;
    const Duration now = vault_.means().clock.ticks();
    const std::lock_guard lock(documents_mutex_);
    if (being_read_.size() >= kMostAtOnce)
      std::erase_if(being_read_, [now](const auto& each) { return each.second.until <= now; });
    if (being_read_.size() >= kMostAtOnce)
      being_read_.clear();  // then each part is a read of its own
    being_read_.insert_or_assign(name_of(entry.grant, field),
                                 BeingRead{document->row, now + kOneRead});
  }
}

Outcome<std::string> BrandDesk::part_of(const Rooms& rooms, const std::string& field,
                                        std::uint64_t part) const {
  const auto document = rooms.documents.find(field);
  if (document == nullptr) return Refused{BrandError::NotFound};
  auto bytes = gate::read_part(vault_, *document, part);
  if (bytes.ok()) return std::move(bytes).value();
  switch (bytes.error().code) {
    case ErrorCode::NotFound:
      return Refused{BrandError::NotFound};
    case ErrorCode::Locked:
      return Refused{BrandError::VaultLocked, "this document is served while the vault is open",
                     60};
    case ErrorCode::Malformed:
    case ErrorCode::Conflict:
    case ErrorCode::Denied:
    case ErrorCode::BadKey:
    case ErrorCode::Corrupt:
    case ErrorCode::Unavailable:
    case ErrorCode::Io:
      break;
  }
  return Refused{BrandError::TemporarilyUnavailable, "try again", 60};
}

}  // namespace vrm::gate
