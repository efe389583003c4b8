// The strict pass over any pieces: what it lets through has one Host of the list, a clean path and
// at most one length.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "vault/base/ascii.h"
#include "vault/http/strict.h"

namespace {

using namespace vrm::http;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view next(std::string_view& text, char until) {
  const std::size_t end = std::min(text.find(until), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

// Lines: method, target, version, then name and value by turns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view method = next(text, '\n');
  const std::string_view target = next(text, '\n');
  const std::string_view version = next(text, '\n');
  std::vector<HeaderView> headers;
  while (!text.empty()) {
    const std::string_view name = next(text, '\n');
    headers.push_back({name, next(text, '\n')});
  }
  const HeadRules rules{{"h"}, {"GET", "POST"}, 1000, 8};
  const HeadView head{method, target, nullptr, version, headers, size};
  if (refuse_head(head, rules)) return 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  for (const auto& header : headers) {
    const std::string name = lower(header.name);
    hosts += name == "host" ? 1U : 0U;
    lengths += name == "content-length" ? 1U : 0U;
    require(name != "transfer-encoding" && name.find_first_of("_ :\r") == std::string::npos);
    require(header.value.find_first_of(std::string_view("\0\r", 2)) == std::string_view::npos);
  }
  require(hosts == 1 && lengths <= 1 && version == "HTTP/1.1");
  require(method == "GET" || (method == "POST" && lengths == 1));
  require(method != "GET" || body_length(head) == 0);
  const auto split = split_target(target);
  require(split.has_value() && split->path.front() == '/');
  require(split->path.find('%') == std::string_view::npos &&
          split->path.find("//") == std::string_view::npos);
  return 0;
}
