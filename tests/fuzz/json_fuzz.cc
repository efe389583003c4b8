// Whatever is read as JSON is written in one spelling, which is read again as the same.

#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vrm::text_of({data, size});
  const auto value = vrm::read_json(text);
  if (!value.ok()) {
    VRM_CHECK(vrm::is_utf8(value.error().message));
    return 0;
  }
  VRM_CHECK(vrm::is_utf8(text));
  VRM_CHECK(text.find('\0') == std::string::npos);
  const auto written = vrm::write_json(value.value());
  const auto again = vrm::read_json(written, {.bytes = 6 * 64 * 1024, .depth = 32});
  VRM_CHECK(again.ok());
  VRM_CHECK(again.value() == value.value());
  VRM_CHECK(vrm::write_json(again.value()) == written);
  return 0;
}
