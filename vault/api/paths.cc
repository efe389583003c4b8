#include "vault/api/paths.h"

namespace vrm::api {

namespace {

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_segment(std::string_view name) {
  if (name.empty() || name.size() > 128 || name == "." || name == "..") return false;
  for (const char c : name)
    if (!is_plain(c)) return false;
  return true;
}

}  // namespace

Result<std::string> path_to(std::string_view base, std::string_view name, std::string_view verb) {
  if (!is_segment(name))
    return refusal(ErrorCode::Malformed, "name.malformed", {{"typed", std::string(name)}});
  std::string path = std::string(base) + "/" + std::string(name);
  if (!verb.empty()) path += "/" + std::string(verb);
  return path;
}

std::string with_query(std::string path, std::string_view name, std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  path += path.find('?') == path.npos ? '?' : '&';
  path += name;
  path += '=';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c)) {
      path += c;
    } else {
      path += '%';
      path += kHex[byte >> 4U];
      path += kHex[byte & 15U];
    }
  }
  return path;
}

}  // namespace vrm::api
