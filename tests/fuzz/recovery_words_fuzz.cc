// What a person types as recovery words. What is accepted has one spelling, which is accepted as well.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "vault/store/recovery_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;  // tests only
  const auto typed = crypto::Secret::copy_of(std::span(data, size));
  const auto bytes = store::bytes_from_words(typed);
  if (bytes.ok()) {
    const auto again = store::bytes_from_words(store::words_of(bytes.value()));
    if (!again.ok() || !again.value().equals(bytes.value().bytes())) std::abort();
  }
  // Any 16 bytes have words.
  if (size >= store::kRecoveryBytes) {
    const auto drawn = crypto::Secret::copy_of(std::span(data, store::kRecoveryBytes));
    const auto read = store::bytes_from_words(store::words_of(drawn));
    if (!read.ok() || !read.value().equals(drawn.bytes())) std::abort();
  }
  return 0;
}
