#include "examples/shop/download.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/shop/scene.h"
#include "vault/base/bytes.h"
#include "vault/crypto/sha256.h"

using namespace vrm;
using shop::DocumentFacts;

namespace {

const std::string kWhole = std::string("first\0part", 10) + "second";

DocumentFacts facts() {
  return {"Passport.pdf", "application/pdf", 16, 2, to_hex(crypto::sha256(bytes_of(kWhole)))};
}

Result<std::string> part_of(std::int64_t part) {
  return part == 1 ? kWhole.substr(0, 10) : kWhole.substr(10);
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_SUITE("shop/download") {
  TEST_CASE("what a read tells of a document is known from what it tells of a field") {
    const auto found = shop::document_in({{"value",
                                           {{"name", "a.pdf"},
                                            {"type", "application/pdf"},
                                            {"size", 3},
                                            {"parts", 1},
                                            {"sha-256", "00"}}}});
    REQUIRE(found.has_value());
    CHECK(found->name == "a.pdf");
    CHECK(found->size == 3);
    CHECK_FALSE(shop::document_in({{"value", "Lyon"}}).has_value());
    CHECK_FALSE(shop::document_in({{"value", nullptr}}).has_value());
    CHECK_FALSE(shop::document_in({{"value", {{"name", "a.pdf"}}}}).has_value());
    CHECK_FALSE(
        shop::document_in(
            {{"value",
              {{"name", "a"}, {"type", "b"}, {"size", -1}, {"parts", 1}, {"sha-256", "00"}}}})
            .has_value());
  }

  TEST_CASE("all parts are written into a new file that nobody else reads") {
    const testing::ScratchFolder scratch;
    const std::string path = scratch.path() / "a.pdf";
    REQUIRE(shop::download(facts(), part_of, path).ok());
    CHECK(content(path) == kWhole);
    CHECK(std::filesystem::status(path).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    const auto again = shop::download(facts(), part_of, path);
    CHECK(again.error().code == ErrorCode::Conflict);
    CHECK(content(path) == kWhole);
  }

  TEST_CASE("bytes that are not those told of, and parts that do not come, leave no file") {
    const testing::ScratchFolder scratch;
    const std::string path = scratch.path() / "a.pdf";
    auto other = facts();
    other.sha256[0] = other.sha256[0] == 'a' ? 'b' : 'a';
    CHECK(shop::download(other, part_of, path).error().code == ErrorCode::BadKey);
    auto shorter = facts();
    shorter.size = 12;
    CHECK(shop::download(shorter, part_of, path).error().code == ErrorCode::BadKey);
    auto longer = facts();
    longer.size = 17;
    CHECK(shop::download(longer, part_of, path).error().code == ErrorCode::BadKey);
    const auto fails = [](std::int64_t part) -> Result<std::string> {
      if (part == 1) return kWhole.substr(0, 10);
      return Error{ErrorCode::Unavailable, "gone"};
    };
    CHECK(shop::download(facts(), fails, path).error().code == ErrorCode::Unavailable);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(shop::download(facts(), part_of, scratch.path() / "no" / "a.pdf").ok());
  }
}
