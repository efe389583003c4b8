#include "policies/cedar/ip_address.h"

#include <doctest/doctest.h>

#include <utility>

namespace {
cedar::IpAddress ip(const char* text) {
  return cedar::IpAddress::parse(text).value();
}
}  // namespace

TEST_SUITE("cedar/ip_address") {
  TEST_CASE("addresses and ranges of both families are read") {
    const std::pair<const char*, const char*> vectors[] = {
        {"127.0.0.1", "127.0.0.1/32"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"10.0.0.5/24", "10.0.0.5/24"},
        {"::", "0000:0000:0000:0000:0000:0000:0000:0000/128"},
        {"::1", "0000:0000:0000:0000:0000:0000:0000:0001/128"},
        {"1::", "0001:0000:0000:0000:0000:0000:0000:0000/128"},
        {"1:2:3:4:5:6:7::", "0001:0002:0003:0004:0005:0006:0007:0000/128"},
        {"FFFF::abCD/64", "ffff:0000:0000:0000:0000:0000:0000:abcd/64"},
        {"1:2:3:4:5:6:7:8", "0001:0002:0003:0004:0005:0006:0007:0008/128"},
    };
    for (const auto& [text, expected] : vectors) CHECK(ip(text).to_string() == expected);
  }

  TEST_CASE("every other spelling is refused") {
    for (const char* text : {"",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "256.0.0.1",
                             "010.0.0.1",
                             "1.2.3.4/",
                             "1.2.3.4/33",
                             "1.2.3.4/08",
                             "1.2.3.4/+8",
                             "1.2.3.4/1/2",
                             "1.2.3.-4",
                             "1..2.3",
                             " 1.2.3.4",
                             "::ffff:1.2.3.4",
                             "1::2::3",
                             "1:::2",
                             ":1",
                             "1:",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4::5:6:7:8",
                             "12345::",
                             "g::",
                             "::1/129",
                             "::1/0128",
                             "::1%eth0",
                             "[::1]",
                             "/8",
                             "::/",
                             "0000:0000:0000:0000:0000:0000:0000:0000:0000/128"}) {
      CAPTURE(text);
      CHECK_FALSE(cedar::IpAddress::parse(text).ok());
    }
  }

  TEST_CASE("the address is kept as written, the prefix counts") {
    CHECK(ip("127.0.0.1") == ip("127.0.0.1/32"));
    CHECK(ip("10.0.0.5/24") != ip("10.0.0.0/24"));
    CHECK(ip("::") != ip("0.0.0.0"));
  }

  TEST_CASE("loopback and multicast must hold for the whole range") {
    CHECK(ip("127.255.0.1").is_loopback());
    CHECK(ip("127.0.0.0/8").is_loopback());
    CHECK_FALSE(ip("127.0.0.0/7").is_loopback());
    CHECK(ip("::1").is_loopback());
    CHECK_FALSE(ip("::1/127").is_loopback());
    CHECK_FALSE(ip("::/0").is_loopback());
    CHECK(ip("224.0.0.1").is_multicast());
    CHECK(ip("239.1.2.3/4").is_multicast());
    CHECK_FALSE(ip("224.0.0.1/3").is_multicast());
    CHECK_FALSE(ip("240.0.0.1").is_multicast());
    CHECK(ip("ff02::1").is_multicast());
    CHECK_FALSE(ip("ff02::1/7").is_multicast());
  }

  TEST_CASE("a range is in another when all of it is, and never across families") {
    CHECK(ip("10.0.0.5").is_in_range(ip("10.0.0.0/24")));
    CHECK(ip("10.0.0.5/24").is_in_range(ip("10.0.0.9/24")));
    CHECK_FALSE(ip("10.0.0.0/8").is_in_range(ip("10.0.0.0/24")));
    CHECK_FALSE(ip("10.0.1.0").is_in_range(ip("10.0.0.0/24")));
    CHECK(ip("1.2.3.4").is_in_range(ip("0.0.0.0/0")));
    CHECK(ip("2001:db8::1").is_in_range(ip("2001:db8::/33")));
    CHECK_FALSE(ip("2001:db8:8000::1").is_in_range(ip("2001:db8::/33")));
    CHECK_FALSE(ip("0.0.0.0").is_in_range(ip("::/0")));
    CHECK(ip("10.0.0.5").is_v4());
    CHECK_FALSE(ip("10.0.0.5").is_v6());
  }
}
