#pragma once
// Files of the tree that are linked into the binary (CMake's EMBEDS).
//
// VRM_EMBEDDED(policies_fields_json) is the text of policies/fields.json as a std::string_view; it
// lives for ever.

#include <string_view>

#define VRM_EMBEDDED(name)            \
  (std::string_view(vrm_embed_##name, \
                    static_cast<std::size_t>(vrm_embed_##name##_end - vrm_embed_##name)))

// Declares the symbols of one embedded file, at namespace scope of the .cc that reads it.
#define VRM_DECLARE_EMBEDDED(name)          \
  extern "C" const char vrm_embed_##name[]; \
  extern "C" const char vrm_embed_##name##_end[]
