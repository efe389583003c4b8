#include "policies/cedar/pattern.h"

#include <cstring>

#include "vault/base/text.h"

namespace cedar {

void Pattern::add_wildcard() {
  pieces_.emplace_back();
}

void Pattern::add_scalar(char32_t scalar) {
  vrm::append_utf8(pieces_.back(), scalar);
}

// The first and last piece are anchored; each other piece takes the first place it finds, which
// leaves most room for the rest. UTF-8 synchronises itself, so bytes may be searched for scalars.
bool Pattern::matches(std::string_view text) const {
  const std::string& first = pieces_.front();
  const std::string& last = pieces_.back();
  if (pieces_.size() == 1) return text == first;
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const std::string& piece = pieces_[i];
    if (piece.empty()) continue;
    // glibc's memmem is linear in the worst case; std::string_view::find is not.
    const void* found = memmem(text.data(), text.size(), piece.data(), piece.size());
    if (found == nullptr) return false;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    text.remove_prefix(at + piece.size());
  }
  return true;
}

}  // namespace cedar
