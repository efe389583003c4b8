#pragma once
// The conformance material, which lies beside the project and is not part of it.

#include <filesystem>
#include <string>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/entity_json.h"

namespace cedar_tests {

// The folder of the Cedar material: $VRM_SHARED/cedar, or ../shared/cedar from the project's root.
// It may be absent.
std::filesystem::path material();

// Cedar's corpus, unpacked once for the process into a folder that ends with it. Empty: there is no corpus.
std::filesystem::path corpus();

// Of which of its parts the slow checks look at one: 20, or what CEDAR_CORPUS_STEP says (1: at all, which takes minutes in a
// debug build).
std::size_t corpus_step();

// REQUIRES: the file can be read.
std::string text_of_file(const std::filesystem::path& path);

struct ConformanceCount {
  int tests = 0;
  int requests = 0;
  int decisions = 0;  // that agree
  int reasons = 0;
  int errors = 0;
};

// What {"type", "id"} without `__entity` is in an entity file: a record, or an entity as its schema
// would say.
enum class BareUids { Records, Explicit };

// Runs one test file of Cedar's own format and adds what agreed; what does not is printed. `root`
// is what its paths start from.
void run_conformance_test(const std::filesystem::path& root, const std::filesystem::path& test,
                          BareUids uids, ConformanceCount& count);

}  // namespace cedar_tests
