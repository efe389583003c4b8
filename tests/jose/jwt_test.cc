#include "vault/jose/jwt.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

using namespace vrm;  // tests only

namespace {

Result<jose::Claims> read(std::string_view text) {
  return jose::read_claims(read_json(text).value());
}

constexpr Instant kNow{1'000'000'000};

jose::Claims lasting(Duration from, Duration until) {
  jose::Claims claims;
  claims.iat = kNow + from;
  claims.exp = kNow + until;
  return claims;
}

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

TEST_SUITE("jose/jwt") {
  TEST_CASE("claims are read with their types, missing ones stay empty") {
    const auto claims =
        read(R"({"iss":"i","aud":"a","sub":"s","jti":"j","iat":1,"nbf":0,"exp":3})").value();
    CHECK(claims.iss == "i");
    CHECK(claims.aud == "a");
    CHECK(claims.sub == "s");
    CHECK(claims.jti == "j");
    CHECK(claims.iat == Instant{1000});
    CHECK(claims.nbf == Instant{0});
    CHECK(claims.exp == Instant{3000});
    const auto none = read("{}").value();
    CHECK(none.iss.empty());
    CHECK_FALSE(none.exp.has_value());
  }

  TEST_CASE("a claim of another type or beyond measure is refused") {
    const std::string refused[] = {R"({"aud":["a"]})",
                                   R"({"aud":["a","b"]})",
                                   R"({"aud":null})",
                                   R"({"aud":""})",
                                   R"({"iss":1})",
                                   R"({"iss":{}})",
                                   R"({"iss":""})",
                                   R"({"sub":false})",
                                   R"({"jti":7})",
                                   R"({"jti":""})",
                                   R"({"exp":"9"})",
                                   R"({"exp":null})",
                                   R"({"exp":-1})",
                                   R"({"iat":true})",
                                   R"({"nbf":[]})",
                                   R"({"exp":253402300800})",
                                   R"({"exp":9223372036854775807})",
                                   R"({"iat":-9223372036854775808})",
                                   R"({"jti":")" + std::string(257, 'j') + R"("})"};
    for (const auto& text : refused) {
      CAPTURE(text);
      CHECK(read(text).error().code == ErrorCode::Malformed);
    }
    CHECK_FALSE(jose::read_claims(nlohmann::json::array()).ok());
  }

  TEST_CASE("issuer and audience are the one wanted, letter by letter, and never nobody") {
    const auto claims = read(R"({"iss":"https://v.example","aud":"https://v.example/v1"})").value();
    CHECK(jose::check_issuer(claims, "https://v.example").ok());
    CHECK(jose::check_issuer(claims, "https://v.example/").error().code == ErrorCode::Denied);
    CHECK(jose::check_audience(claims, "https://v.example/v1").ok());
    CHECK(jose::check_audience(claims, "https://v.example").error().code == ErrorCode::Denied);
    CHECK_FALSE(jose::check_issuer({}, "").ok());
    CHECK_FALSE(jose::check_audience({}, "").ok());
  }

  TEST_CASE("times hold to the millisecond on both sides of the skew") {
    const auto skew = seconds(60);
    CHECK(jose::check_times(lasting(seconds(-10), seconds(10)), kNow, skew).ok());
    CHECK(jose::check_times(lasting(-skew, milliseconds(1) - skew), kNow, skew).ok());
    CHECK_FALSE(jose::check_times(lasting(-skew, -skew), kNow, skew).ok());
    CHECK(jose::check_times(lasting(skew, seconds(90)), kNow, skew).ok());
    CHECK_FALSE(jose::check_times(lasting(skew + milliseconds(1), seconds(90)), kNow, skew).ok());
    auto begins = lasting(seconds(0), seconds(90));
    begins.nbf = kNow + skew;
    CHECK(jose::check_times(begins, kNow, skew).ok());
    begins.nbf = kNow + skew + milliseconds(1);
    CHECK_FALSE(jose::check_times(begins, kNow, skew).ok());
    CHECK_FALSE(jose::check_times(lasting(seconds(-1), seconds(0)), kNow, Duration::zero()).ok());
  }

  TEST_CASE("what has no end or no name is refused where one is needed") {
    CHECK(jose::check_times({}, kNow, seconds(60)).error().code == ErrorCode::Malformed);
    CHECK(jose::check_has_jti({}).error().code == ErrorCode::Malformed);
  }
}
