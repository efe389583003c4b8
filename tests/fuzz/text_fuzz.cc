// Whatever comes in, what reaches a screen is UTF-8 of one line without controls, and is not
// changed a second time.

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vrm::text_of({data, size});
  const auto shown = vrm::printable(text, 200);
  std::size_t count = 0;
  for (std::size_t at = 0; at < shown.size(); ++count) {
    const auto scalar = vrm::next_scalar(shown, at);
    VRM_CHECK(scalar.has_value());
    VRM_CHECK(*scalar >= 0x20);
    VRM_CHECK(*scalar < 0x7F || *scalar > 0x9F);
    VRM_CHECK(*scalar < 0x202A || *scalar > 0x202E);
    VRM_CHECK(*scalar < 0x2066 || *scalar > 0x2069);
  }
  VRM_CHECK(count <= 201);
  VRM_CHECK(vrm::printable(shown, 201) == shown);
  return 0;
}
