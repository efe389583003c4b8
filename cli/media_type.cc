#include "cli/media_type.h"

#include <array>
#include <string>
#include <utility>

namespace vrm::cli {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kTypes = {{
    {"csv", "text/csv"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"gif", "image/gif"},
    {"heic", "image/heic"},
    {"html", "text/html"},
    {"ics", "text/calendar"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"json", "application/json"},
    {"md", "text/markdown"},
    {"mp4", "video/mp4"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"pdf", "application/pdf"},
    {"pkpass", "application/vnd.apple.pkpass"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"vcf", "text/vcard"},
    {"webp", "image/webp"},
    {"zip", "application/zip"},
}};

}  // namespace

std::string_view media_type_of(std::string_view file) {
  const auto dot = file.rfind('.');
  std::string ending(dot == file.npos ? "" : file.substr(dot + 1));
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [known, type] : kTypes)
    if (known == ending) return type;
  return "application/octet-stream";
}

}  // namespace vrm::cli
