#include "vault/outbound/address.h"

#include <doctest/doctest.h>

using namespace vrm;  // tests only
using outbound::check_url;

namespace {

const outbound::UrlRules kStrict;
const outbound::UrlRules kLoopback{{443}, true};

outbound::Address address(const char* text) {
  const auto made = outbound::address_from_text(text);
  REQUIRE(made.has_value());
  return *made;
}

}  // namespace

TEST_SUITE("outbound/address") {
  TEST_CASE("a brand's ordinary URL passes and is taken apart") {
    const auto url = check_url("https://Velo.Example.fr/vrm/intents?a=%2F&b", kStrict).value();
    CHECK(url.host == "velo.example.fr");
    CHECK(url.port == 443);
    CHECK(url.tls);
    CHECK_FALSE(url.literal.has_value());
    for (const auto* text :
         {"https://a.fr", "https://a.fr/", "https://a.fr:443/x", "https://xn--vlo-bma.fr/x",
          "https://1.2.3.fr/", "https://a-b.c-d.example/~x/(y)"}) {
      CAPTURE(text);
      CHECK(check_url(text, kStrict).ok());
    }
  }

  TEST_CASE("no form of a URL leads to this machine, its network or another scheme") {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {"http://a.fr/"sv, "HTTPS://a.fr/"sv, "file:///etc/passwd"sv, "gopher://a.fr/"sv,
          "ftp://a.fr/"sv, "dict://a.fr/"sv, "ldap://a.fr/"sv, "unix:/tmp/s"sv, "//a.fr/"sv,
          "a.fr"sv, ""sv, "https:"sv, "https:/a.fr"sv, "https://"sv, "https:///a"sv,
          " https://a.fr/"sv, "https://a.fr/ "sv,
          // This machine by number, in all the ways programs read one.
          "https://127.0.0.1/"sv, "https://127.1/"sv, "https://127.0.1/"sv, "https://0/"sv,
          "https://0.0.0.0/"sv, "https://2130706433/"sv, "https://0x7f000001/"sv,
          "https://0x7f.1/"sv, "https://0x7f.0.0.1/"sv, "https://0177.0.0.1/"sv,
          "https://017700000001/"sv, "https://127.0.0.1./"sv, "https://127.000.000.001/"sv,
          "https://[::1]/"sv, "https://[::]/"sv, "https://[0:0:0:0:0:0:0:1]/"sv,
          "https://[::ffff:127.0.0.1]/"sv, "https://[::ffff:7f00:1]/"sv, "https://[::127.0.0.1]/"sv,
          "https://[64:ff9b::7f00:1]/"sv, "https://[2002:7f00:1::]/"sv,
          "https://[fe80::1%25eth0]/"sv, "https://[fc00::1]/"sv, "https://::1/"sv,
          "https://[::1/"sv, "https://[::1]x/"sv,
          // The network around it, and the cloud's own.
          "https://10.0.0.1/"sv, "https://172.16.0.1/"sv, "https://192.168.1.1/"sv,
          "https://169.254.169.254/"sv, "https://100.64.0.1/"sv, "https://8.8.8.8/"sv,
          // Names that mean the inside.
          "https://localhost/"sv, "https://LOCALHOST/"sv, "https://localhost./"sv,
          "https://a.localhost/"sv, "https://printer.local/"sv, "https://metadata.internal/"sv,
          "https://router/"sv, "https://a.onion/"sv, "https://nas.lan/"sv,
          "https://1.168.192.in-addr.arpa/"sv,
          // A user, another port, a fragment, or bytes that readers disagree about.
          "https://a.fr@127.0.0.1/"sv, "https://user:pw@a.fr/"sv, "https://@a.fr/"sv,
          "https://a.fr:80/"sv, "https://a.fr:22/"sv, "https://a.fr:0/"sv, "https://a.fr:65536/"sv,
          "https://a.fr:/"sv, "https://a.fr:0443/"sv, "https://a.fr:443:443/"sv,
          "https://a.fr:+443/"sv, "https://a.fr/#f"sv, "https://a.fr#@127.0.0.1/"sv,
          "https://a.fr\\@127.0.0.1/"sv, "https://a.fr\\.b.fr/"sv, "https://a.fr/\\b"sv,
          "https://a.fr/\r\nHost: b"sv, "https://a.fr\r\n/"sv, "https://a.fr/\0"sv,
          "https://a.fr\0.b.fr/"sv, "https://a.fr\t/"sv, "https://a fr/"sv, "https://a%2efr/"sv,
          "https://127%2e0.0.1/"sv, "https://v\xc3\xa9lo.fr/"sv,
          "https://a\xe3\x80\x82"
          "fr/"sv,
          "https://\xe2\x91\xa0\xe2\x91\xa1.fr/"sv, "https://a..fr/"sv, "https://.fr/"sv,
          "https://a.fr./"sv, "https://-a.fr/"sv, "https://a_b.fr/"sv, "https://a.fr/%zz"sv,
          "https://a.fr?@b.fr/"sv, "https://a.fr/%4"sv}) {
      CAPTURE(text);
      const auto checked = check_url(text, kStrict);
      CHECK_FALSE(checked.ok());
      if (!checked.ok()) CHECK_FALSE(checked.error().say.empty());
    }
    CHECK_FALSE(check_url("https://a.fr/" + std::string(3000, 'a'), kStrict).ok());
  }

  TEST_CASE("loopback is open only when asked for, and only loopback") {
    for (const auto* text : {"http://127.0.0.1:8080/a", "http://localhost:1/", "https://[::1]:9/",
                             "https://127.0.0.1/"}) {
      CAPTURE(text);
      CHECK(check_url(text, kLoopback).ok());
      CHECK_FALSE(check_url(text, kStrict).ok());
    }
    CHECK(check_url("http://127.0.0.1/", kLoopback).value().port == 80);
    CHECK(check_url("https://a.fr/", kLoopback).ok());
    for (const auto* text : {"http://a.fr/", "http://10.0.0.1/", "http://0.0.0.0/", "http://127.1/",
                             "http://[::]/", "http://[127.0.0.1]/", "http://[::ffff:127.0.0.1]/",
                             "http://a@127.0.0.1/", "https://a.fr:8443/"}) {
      CAPTURE(text);
      CHECK_FALSE(check_url(text, kLoopback).ok());
    }
  }

  TEST_CASE("addresses of the public internet are told from all others") {
    for (const auto* text :
         {"1.1.1.1",         "8.8.8.8",          "9.255.255.255",   "11.0.0.0",
          "100.63.255.255",  "100.128.0.0",      "126.255.255.255", "128.0.0.0",
          "169.253.255.255", "169.255.0.0",      "172.15.255.255",  "172.32.0.0",
          "192.0.1.0",       "192.167.255.255",  "192.169.0.0",     "198.17.255.255",
          "198.20.0.0",      "223.255.255.255",  "2001:200::1",     "2606:4700::1111",
          "2a00::1",         "64:ff9b::808:808", "3ffe:ffff::1"}) {
      CAPTURE(text);
      CHECK(outbound::is_public(address(text)));
    }
    for (const auto* text : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.0",
                             "10.255.255.255",
                             "100.64.0.0",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.0.0",
                             "169.254.169.254",
                             "172.16.0.0",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.0.0",
                             "192.168.255.255",
                             "198.18.0.0",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:8.8.8.8",
                             "::ffff:127.0.0.1",
                             "::8.8.8.8",
                             "64:ff9b::a00:1",
                             "64:ff9b::7f00:1",
                             "64:ff9b:1::808:808",
                             "100::1",
                             "2001::1",
                             "2001:10::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002:808:808::",
                             "2002:7f00:1::",
                             "3fff::1",
                             "4000::1",
                             "5f00::1",
                             "fc00::1",
                             "fd00::1",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1"}) {
      CAPTURE(text);
      CHECK_FALSE(outbound::is_public(address(text)));
    }
  }

  TEST_CASE("only the numeric spelling of an address is one") {
    CHECK(outbound::to_text(address("2001:DB8:0:0::1")) == "2001:db8::1");
    CHECK(outbound::is_loopback(address("127.3.2.1")));
    CHECK(outbound::is_loopback(address("::1")));
    CHECK_FALSE(outbound::is_loopback(address("::ffff:127.0.0.1")));
    for (const auto* text :
         {"", "1", "127.1", "0x7f.0.0.1", "127.0.0.1 ", "01.2.3.4", "1.2.3.4.5", "[::1]", "::g"}) {
      CAPTURE(text);
      CHECK_FALSE(outbound::address_from_text(text).has_value());
    }
  }
}
