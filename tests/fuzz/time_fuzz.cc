// Whatever is read as a moment, a day, a length or bytes is written in one spelling, which is read
// again as the same.

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/base/ids.h"
#include "vault/base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vrm::text_of({data, size});
  const auto at = vrm::instant_from_rfc3339(text);
  if (at.ok())
    VRM_CHECK(vrm::instant_from_rfc3339(vrm::to_rfc3339(at.value())).value() == at.value());
  const auto day = vrm::date_from_text(text);
  if (day.ok()) VRM_CHECK(vrm::to_rfc3339(day.value()) == text + "T00:00:00Z");
  const auto length = vrm::duration_from_text(text);
  if (length.ok()) VRM_CHECK(length.value() > vrm::Duration::zero());
  const auto bytes = vrm::from_base64url(text);
  if (bytes.ok()) VRM_CHECK(vrm::to_base64url(bytes.value()) == text);
  const auto id = vrm::id_from_typed("gr", text);
  if (id.ok()) VRM_CHECK(vrm::id_from_typed("gr", id.value()).value() == id.value());
  return 0;
}
