// Any text as a brand's URL: what passes is https, to a public name of one spelling, without user
// or fragment.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "vault/outbound/address.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm::outbound;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = address_from_text(text)) {
    require(address_from_text(to_text(*address)) == address);
    require(!(is_public(*address) && is_loopback(*address)));
  }
  const auto strict = check_url(text, {});
  if (strict.ok()) {
    const Url& url = strict.value();
    require(url.tls && url.port == 443 && !url.literal && url.text == text);
    require(std::all_of(url.host.begin(), url.host.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    }));
    require(url.host.find('.') != std::string::npos && !address_from_text(url.host));
    require(std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; }));
    require(text.find_first_of("#\\") == std::string_view::npos);
    require(text.substr(0, text.find('/', 8)).find('@') == std::string_view::npos);
  }
  // Allowing loopback opens loopback and nothing else.
  const auto loopback = check_url(text, {{443}, true});
  require(!strict.ok() || loopback.ok());
  if (loopback.ok() && !strict.ok()) {
    const Url& url = loopback.value();
    require(url.host == "localhost" || (url.literal && is_loopback(*url.literal)));
  }
  return 0;
}
