#pragma once
// What the reference wrote as the JSON of each text of the corpus, as digests: tests/vectors/cedar/NAME.digests, made by the
// script beside them.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/cedar/shared_material.h"
#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/crypto/sha256.h"

namespace cedar_tests {

inline std::string digest(std::string_view text) {
  return vrm::to_hex(vrm::crypto::sha256(vrm::bytes_of(text))).substr(0, 32);
}

// Checks the JSON of every distinct text of the corpus with this extension, of which there are `count`, and calls
// `every_step` with every corpus_step()th.
inline void check_digests(const std::filesystem::path& corpus, const std::string& name,
                          const std::string& extension, std::size_t count,
                          const std::function<nlohmann::json(const std::string&)>& json_of,
                          const std::function<void(const std::string&)>& every_step) {
  std::map<std::string, std::string> expected;
  std::ifstream digests(std::string(VRM_SOURCE_DIR) + "/tests/vectors/cedar/" + name + ".digests");
  for (std::string text, written; digests >> text >> written;) expected[text] = written;
  CHECK(expected.size() == count);
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    const auto& file = entry.path();
    if (file.extension() != extension) continue;
    const auto text = text_of_file(file);
    if (!seen.insert(digest(text)).second) continue;
    CHECK_MESSAGE(expected[digest(text)] == digest(vrm::write_json(json_of(text))), file.string());
    if (seen.size() % corpus_step() == 0) every_step(text);
  }
  CHECK(seen.size() == count);
}

}  // namespace cedar_tests
