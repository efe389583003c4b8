#include "vault/base/ids.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using vrm::Bytes;
using vrm::bytes_of;
using vrm::ErrorCode;
using vrm::id_from_typed;
using vrm::to_base32;

namespace {

// Gives the same bytes each time.
class FixedRandom final : public vrm::Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() == bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), out.begin());
  }

 private:
  Bytes bytes_;
};

bool refused(std::string_view typed) {
  const auto answer = id_from_typed("gr", typed);
  return !answer.ok() && answer.error().code == ErrorCode::Malformed &&
         answer.error().say == "id.malformed";
}

}  // namespace

TEST_SUITE("base/ids") {
  TEST_CASE("base32 is Crockford's, most significant bits first") {
    CHECK(to_base32({}) == "");
    CHECK(to_base32(Bytes{0x00}) == "00");
    CHECK(to_base32(Bytes{0xFF}) == "ZW");
    CHECK(to_base32(bytes_of("f")) == "CR");
    CHECK(to_base32(bytes_of("fo")) == "CSQG");
    CHECK(to_base32(bytes_of("foo")) == "CSQPY");
    CHECK(to_base32(bytes_of("foob")) == "CSQPYRG");
    CHECK(to_base32(bytes_of("fooba")) == "CSQPYRK1");
    CHECK(to_base32(bytes_of("foobar")) == "CSQPYRK1E8");
  }

  TEST_CASE("every letter of the alphabet can be written, and none of I L O U") {
    // 0..31 as 5-bit groups: the whole alphabet in order.
    const Bytes all = {0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF,
                       0x84, 0x65, 0x3A, 0x56, 0xD7, 0xC6, 0x75, 0xBE, 0x77, 0xDF};
    CHECK(to_base32(all) == "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
  }

  TEST_CASE("an id is its kind and eight letters") {
    FixedRandom lowest(Bytes(5, 0x00));
    FixedRandom highest(Bytes(5, 0xFF));
    CHECK(vrm::new_id(lowest, "gr") == "gr_00000000");
    CHECK(vrm::GrantId::make(highest).text == "gr_ZZZZZZZZ");
    CHECK(vrm::RequestId::make(lowest).text == "rq_00000000");
    CHECK(vrm::ImportId::make(lowest).text == "im_00000000");
  }

  TEST_CASE("ids of different kinds are different types") {
    CHECK_FALSE(std::is_convertible_v<vrm::GrantId, vrm::RequestId>);
    CHECK(vrm::GrantId{"gr_00000001"} < vrm::GrantId{"gr_00000002"});
  }

  TEST_CASE("what a person types is read in any case, with the letters that look alike") {
    CHECK(id_from_typed("gr", "gr_7F2K9QXD").value() == "gr_7F2K9QXD");
    CHECK(id_from_typed("gr", "gr_7f2k9qxd").value() == "gr_7F2K9QXD");
    CHECK(id_from_typed("gr", "GR_7F2K9QXD").value() == "gr_7F2K9QXD");
    CHECK(id_from_typed("gr", "Gr_7f2k").value() == "gr_7F2K");
    CHECK(id_from_typed("gr", "gr_oOiIlL").value() == "gr_001111");
  }

  TEST_CASE("the beginning of an id is enough, of at least one letter") {
    CHECK(id_from_typed("gr", "gr_7").value() == "gr_7");
    CHECK(refused("gr_"));
    CHECK(refused("gr"));
    CHECK(refused("g"));
    CHECK(refused(""));
  }

  TEST_CASE("another kind, a letter that no id has, or too many letters are refused") {
    for (const std::string_view typed :
         {"rq_7F2K9QXD", "gr7F2K9QXD", "gr-7F2K9QXD", "7F2K9QXD", "gr_7F2K9QXDD", "gr_U", "gr_7 F",
          " gr_7", "gr_7\n", "gr__", "gr_\xC3\xA9", "gr_%", "xgr_7"}) {
      CAPTURE(typed);
      CHECK(refused(typed));
    }
    CHECK(refused(std::string_view("gr_7\0", 5)));
  }
}
