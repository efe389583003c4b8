// Memory that an object of the daemon gives back is wiped first, so that no field's name or value, no passphrase on its way
// to a Secret and no token waits in free memory for whoever reads this process: a text or a JSON value is copied by many hands,
// and none of them could be trusted to remember. Keys do not rely on this; they lie in guarded memory (vault/crypto).

#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <new>

// Sanitizers keep books of their own about who gave which memory back.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VRM_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VRM_SANITIZED
#endif
#endif

#ifndef VRM_SANITIZED

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  operator delete(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  operator delete(memory);
}

#endif
