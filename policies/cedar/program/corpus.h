#pragma once
// Runs a folder of tests in the format of cedar-integration-tests, and counts what agrees.
//
//   {"policies": PATH, "entities": PATH, "schema": PATH, "shouldValidate": true, "requests": [
//     {"description": "x", "principal": UID, "action": UID, "resource": UID, "context": {}, "validateRequest": true,
//      "decision": "allow", "reason": ["policy0"], "errors": []}]}
//
// A path is looked for in the test's folder and those above it. What cannot be read agrees with nothing.
// Source: github.com/cedar-policy/cedar-integration-tests

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "policies/cedar/validator.h"
#include "vault/base/result.h"

namespace cedar::program {

struct CorpusCount {
  std::size_t tests = 0;
  std::size_t requests = 0;
  std::size_t decisions = 0;  // that agree, as all below
  std::size_t reasons = 0;
  std::size_t errors = 0;
  std::size_t verdicts = 0;    // of a test: whether its policies validate
  std::size_t stores = 0;      // of a test: whether its entities are as its schema says
  std::size_t conforming = 0;  // requests that are as the schema says, where the test asks

  bool all_agree() const;
};

// Called with each disagreement, and with the number of tests after each.
struct CorpusListener {
  std::function<void(const std::string& disagreement)> disagreed = [](const std::string&) {};
  std::function<void(std::size_t done, std::size_t all)> progressed = [](std::size_t, std::size_t) {
  };
};

// The tests below a folder, or the one file, sorted by name. NotFound: there is none.
vrm::Result<std::vector<std::filesystem::path>> corpus_tests(const std::filesystem::path& where);

// Adds what agrees of one test.
void run_corpus_test(const std::filesystem::path& test, Edition edition, CorpusCount& count,
                     const CorpusListener& listener = {});

}  // namespace cedar::program
