#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/cedar/shared_material.h"

namespace cedar_tests {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path material() {
  if (const char* given = std::getenv("VRM_SHARED")) return fs::path(given) / "cedar";
  return fs::path(VRM_SOURCE_DIR) / ".." / "shared" / "cedar";
}

std::string text_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

namespace {

// A folder that is gone with the process.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cedar-corpus-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

fs::path corpus() {
  const fs::path archive = material() / "corpus-tests.tar.gz";
  if (!fs::exists(archive)) return {};
  static const TemporaryFolder folder;
  static const int unpacked = std::system(
      ("tar -xzf '" + archive.string() + "' -C '" + folder.path().string() + "'").c_str());
  REQUIRE(unpacked == 0);
  return folder.path();
}

std::size_t corpus_step() {
  const char* step = std::getenv("CEDAR_CORPUS_STEP");
  return step == nullptr ? 20 : std::stoul(step);
}

namespace {

// The reference reads entities with their schema, which knows that a bare {"type", "id"} is an
// entity. The handwritten files rely on it; no record of theirs has just these two members.
json with_explicit_uids(json value) {
  if (!value.is_structured()) return value;
  if (value.is_object() && value.size() == 2 && value.contains("type") && value.contains("id"))
    return {{"__entity", value}};
  for (auto& inner : value) inner = with_explicit_uids(std::move(inner));
  return value;
}

std::set<std::string> erring(const cedar::Response& response) {
  std::set<std::string> ids;
  for (const auto& error : response.errors) ids.insert(error.policy_id);
  return ids;
}

void run_request(const json& request, const cedar::PolicySet& policies,
                 const cedar::Entities& entities, const std::string& place,
                 ConformanceCount& count) {
  const auto context = cedar::context_from_json(request.at("context"));
  REQUIRE_MESSAGE(context.ok(), place);
  const cedar::Request question{cedar::uid_from_json(request.at("principal")).value(),
                                cedar::uid_from_json(request.at("action")).value(),
                                cedar::uid_from_json(request.at("resource")).value(),
                                context.value()};
  const auto response = cedar::is_authorized(question, policies, entities);
  const bool allowed = response.decision == cedar::Decision::Allow;
  const bool decision = allowed == (request.at("decision") == "allow");
  const bool reason = std::set(response.reasons.begin(), response.reasons.end()) ==
                      request.at("reason").get<std::set<std::string>>();
  const bool errors = erring(response) == request.at("errors").get<std::set<std::string>>();
  ++count.requests;
  count.decisions += decision ? 1 : 0;
  count.reasons += reason ? 1 : 0;
  count.errors += errors ? 1 : 0;
  if (!decision || !reason || !errors)
    MESSAGE(place << ": " << request.at("description").get<std::string>());
}

}  // namespace

void run_conformance_test(const fs::path& root, const fs::path& test, BareUids uids,
                          ConformanceCount& count) {
  const auto parsed = vrm::read_json(text_of_file(test), cedar::kEntityJsonLimits);
  REQUIRE_MESSAGE(parsed.ok(), test.string());
  const json& spec = parsed.value();
  const auto policies =
      cedar::PolicySet::parse(text_of_file(root / spec.at("policies").get<std::string>()));
  REQUIRE_MESSAGE(policies.ok(), test.string() << ": " << policies.error().message);
  const auto entities_json = vrm::read_json(
      text_of_file(root / spec.at("entities").get<std::string>()), cedar::kEntityJsonLimits);
  REQUIRE_MESSAGE(entities_json.ok(), test.string() << ": " << entities_json.error().message);
  const auto read = cedar::entities_from_json(uids == BareUids::Explicit
                                                  ? with_explicit_uids(entities_json.value())
                                                  : entities_json.value());
  REQUIRE_MESSAGE(read.ok(), test.string() << ": " << read.error().message);
  const auto entities = cedar::Entities::make(read.value());
  REQUIRE_MESSAGE(entities.ok(), test.string() << ": " << entities.error().message);
  ++count.tests;
  for (const auto& request : spec.at("requests"))
    run_request(request, policies.value(), entities.value(), test.filename().string(), count);
}

}  // namespace cedar_tests

namespace fs = std::filesystem;
using cedar_tests::ConformanceCount;

namespace {

std::vector<fs::path> test_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".entities.json")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void print(const char* what, const ConformanceCount& count) {
  std::cout << what << ": " << count.tests << " tests, " << count.requests
            << " requests; agree: " << count.decisions << " decisions, " << count.reasons
            << " reasons, " << count.errors << " errors\n";
}

void check_all_agree(const ConformanceCount& count) {
  CHECK(count.decisions == count.requests);
  CHECK(count.reasons == count.requests);
  CHECK(count.errors == count.requests);
}

}  // namespace

TEST_SUITE("cedar/conformance") {
  TEST_CASE("the handwritten tests of Cedar agree in decision, reasons and errors") {
    const fs::path root = cedar_tests::material() / "handwritten";
    if (!fs::exists(root)) {
      std::cout << "skipped: no handwritten Cedar tests\n";
      return;
    }
    ConformanceCount count;
    for (const auto& file : test_files(root / "tests"))
      cedar_tests::run_conformance_test(root, file, cedar_tests::BareUids::Explicit, count);
    print("handwritten", count);
    CHECK(count.tests == 22);
    CHECK(count.requests == 74);
    check_all_agree(count);
  }

  TEST_CASE("every twentieth test of Cedar's corpus agrees in decision, reasons and errors") {
    const fs::path folder = cedar_tests::corpus();
    if (folder.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    ConformanceCount count;
    const auto files = test_files(folder);
    CHECK(files.size() == 7809);
    for (std::size_t i = 0; i < files.size(); i += cedar_tests::corpus_step())
      cedar_tests::run_conformance_test(folder, files[i], cedar_tests::BareUids::Records, count);
    print("corpus", count);
    CHECK(count.requests == count.tests * 8);
    check_all_agree(count);
  }
}
