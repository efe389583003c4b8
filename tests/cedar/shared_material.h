#pragma once
// The conformance material, which lies beside the project and is not part of it.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace cedar_tests {

// The folder of the Cedar material: $VRM_SHARED/cedar, or ../shared/cedar from the project's root.
// It may be absent.
inline std::filesystem::path material() {
  if (const char* given = std::getenv("VRM_SHARED")) return std::filesystem::path(given) / "cedar";
  return std::filesystem::path(VRM_SOURCE_DIR) / ".." / "shared" / "cedar";
}

// REQUIRES: the file can be read.
inline std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What the reference was asked, and what it answered: tests/vectors/cedar.
inline std::filesystem::path vectors() {
  return std::filesystem::path(VRM_SOURCE_DIR) / "tests/vectors/cedar";
}

// A folder that is gone with the process.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cedar-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Cedar's corpus, unpacked once for the process into a folder that ends with it. Empty: there is no corpus.
inline std::filesystem::path corpus() {
  const std::filesystem::path archive = material() / "corpus-tests.tar.gz";
  if (!std::filesystem::exists(archive)) return {};
  static const TemporaryFolder folder;
  static const int unpacked = std::system(
      ("tar -xzf '" + archive.string() + "' -C '" + folder.path().string() + "'").c_str());
  REQUIRE(unpacked == 0);
  return folder.path();
}

// Of which of its parts the slow checks look at one: 20, or what CEDAR_CORPUS_STEP says (1: at all, which takes minutes in a
// debug build).
inline std::size_t corpus_step() {
  const char* step = std::getenv("CEDAR_CORPUS_STEP");
  return step == nullptr ? 20 : std::stoul(step);
}

}  // namespace cedar_tests
