#include "vault/outbound/fetch.h"

#include <doctest/doctest.h>

#include "tests/outbound/servers.h"

using namespace vrm;                  // tests only
using namespace vrm::outbound_tests;  // tests only

TEST_SUITE("outbound/fetch") {
  TEST_CASE("a document is fetched with its status and type") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    const auto fetched = fetcher.get(brand.url("/ok")).value();
    CHECK(fetched.status == 200);
    CHECK(fetched.content_type == "application/json");
    CHECK(fetched.body == "{\"host\":\"127.0.0.1:" + std::to_string(brand.port) + "\"}");
    CHECK(fetcher.get(brand.url("/teapot")).value().status == 418);
    CHECK(fetcher.get("http://localhost:" + std::to_string(brand.port) + "/ok").value().status ==
          200);
  }

  TEST_CASE("a body is posted as it is, with its type") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    const std::string body("a\0b\r\n", 5);
    const auto answer = fetcher.post(brand.url("/in"), "application/jwt", body).value();
    CHECK(answer.status == 202);
    CHECK(answer.body == "application/jwt|" + body);
    CHECK(fetcher.post(brand.url("/in"), "application/jwt", "").value().body == "application/jwt|");
  }

  TEST_CASE("a call says nothing about the machine, and keeps no cookie") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    CHECK(fetcher.get(brand.url("/cookie")).value().status == 200);
    const std::string names = fetcher.get(brand.url("/headers")).value().body;
    CHECK(names.find("Cookie") == std::string::npos);
    CHECK(names.find("Referer") == std::string::npos);
    CHECK(names.find("Authorization") == std::string::npos);
  }

  TEST_CASE("a redirect is refused, not followed") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    CHECK(why(fetcher.get(brand.url("/moved"))) == "outbound.redirected");
  }

  TEST_CASE("64 KiB are taken, a byte more or an endless answer is cut") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    CHECK(fetcher.get(brand.url("/bytes/65536")).value().body.size() == 65536);
    CHECK(why(fetcher.get(brand.url("/bytes/65537"))) == "outbound.answer_too_long");
    std::atomic<std::size_t> sent = 0;
    const std::string part(64 * 1024, 'x');
    Raw endless([&](int fd) {
      (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n");
      while (sent < 4294967296U && Raw::say(fd, part)) sent += part.size();
    });
    CHECK(why(fetcher.get(endless.url())) == "outbound.answer_too_long");
    CHECK(sent < 64U * 1024 * 1024);
    Raw heads([&](int fd) {
      (void)Raw::say(fd, "HTTP/1.1 200 OK\r\n");
      while (Raw::say(fd, "X-Header: " + std::string(1000, 'a') + "\r\n")) {
      }
    });
    CHECK_FALSE(fetcher.get(heads.url()).ok());
  }

  TEST_CASE("a byte now and then does not hold a call longer than its deadline") {
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(Duration(300)), resolver, the_clock());
    Raw drip([](int fd) {
      (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      while (Raw::say(fd, "x")) (void)::poll(nullptr, 0, 20);
    });
    const auto start = the_clock().ticks();
    CHECK(why(fetcher.get(drip.url())) == "outbound.too_slow");
    const Duration took = the_clock().ticks() - start;
    CHECK(took >= Duration(290));
    CHECK(took < Duration(2000));
  }

  TEST_CASE("what is no HTTP, cut short or not there is an error") {
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    Raw noise([](int fd) { (void)Raw::say(fd, "220 smtp ready\r\n"); });
    CHECK_FALSE(fetcher.get(noise.url()).ok());
    Raw cut([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"); });
    CHECK(why(fetcher.get(cut.url())) == "outbound.answer_not_http");
    Raw silent([](int) {});
    CHECK(why(fetcher.get(silent.url())) == "outbound.no_answer");
    CHECK(why(fetcher.get("http://127.0.0.1:1/")) == "outbound.no_answer");
  }

  TEST_CASE("a name with one address inside is refused before any connection") {
    Raw inside([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
    auto options = loopback(Duration(300));
    options.urls.ports = {443, static_cast<std::uint16_t>(inside.port)};
    const std::string url = "https://shop.example.fr:" + std::to_string(inside.port) + "/";
    for (const auto& addresses : std::vector<std::vector<const char*>>{{"127.0.0.1"},
                                                                       {"2a00::1", "127.0.0.1"},
                                                                       {"::1"},
                                                                       {"10.0.0.1"},
                                                                       {"::ffff:127.0.0.1"},
                                                                       {"169.254.169.254"},
                                                                       {"0.0.0.0"},
                                                                       {}}) {
      Scripted resolver({addresses});
      outbound::Fetcher fetcher(options, resolver, the_clock());
      CHECK(why(fetcher.get(url)) == "outbound.address_not_public");
    }
    CHECK(inside.came == 0);
  }

  TEST_CASE("a name that changes its address between check and connection leads nowhere") {
    Raw inside([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
    auto options = loopback(Duration(300));
    options.urls.ports = {static_cast<std::uint16_t>(inside.port)};
    // Public and assigned to nobody; then the inside.
    Scripted resolver({{"2a00::1"}, {"127.0.0.1"}});
    outbound::Fetcher fetcher(options, resolver, the_clock());
    const std::string url = "https://shop.example.fr:" + std::to_string(inside.port) + "/";
    CHECK_FALSE(fetcher.get(url).ok());
    CHECK(resolver.asked == 1);
    CHECK(why(fetcher.get(url)) == "outbound.address_not_public");
    CHECK(inside.came == 0);
  }

  TEST_CASE("loopback is refused unless it was allowed") {
    Brand brand;
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher({}, resolver, the_clock());
    CHECK(why(fetcher.get(brand.url("/ok"))) == "outbound.url_not_https");
    CHECK(why(fetcher.get("https://127.0.0.1:" + std::to_string(brand.port) + "/ok")) ==
          "outbound.host_not_public");
    CHECK(why(fetcher.get("https://localhost/")) == "outbound.host_not_public");
  }

  TEST_CASE("the environment's proxy is not asked") {
    Brand brand;
    Raw proxy(
        [](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"); });
    const std::string at = "http://127.0.0.1:" + std::to_string(proxy.port);
    for (const auto* name : {"http_proxy", "HTTPS_PROXY", "all_proxy"})
      REQUIRE(::setenv(name, at.c_str(), 1) == 0);
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(), resolver, the_clock());
    CHECK(fetcher.get(brand.url("/ok")).value().content_type == "application/json");
    for (const auto* name : {"http_proxy", "HTTPS_PROXY", "all_proxy"}) ::unsetenv(name);
    CHECK(proxy.came == 0);
    auto through = loopback();
    through.proxy = at;
    outbound::Fetcher proxied(through, resolver, the_clock());
    CHECK(proxied.get(brand.url("/ok")).value().body == "proxy");
    CHECK(why(proxied.get("https://127.1/")) == "outbound.host_not_public");
  }

  TEST_CASE("a certificate is checked for its chain and its name") {
    const std::string folder = std::string(VRM_SOURCE_DIR) + "/tests/http/";
    httplib::SSLServer server((folder + "localhost_cert.pem").c_str(),
                              (folder + "localhost_key.pem").c_str());
    server.Get("/", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("tls", "text/plain");
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
    outbound::SystemResolver resolver;
    outbound::Fetcher stranger(loopback(), resolver, the_clock());
    const std::string url = "https://localhost:" + std::to_string(port) + "/";
    CHECK(why(stranger.get(url)) == "outbound.certificate_not_trusted");
    auto options = loopback();
    options.ca_file = folder + "localhost_cert.pem";
    outbound::Fetcher knowing(options, resolver, the_clock());
    CHECK(knowing.get(url).value().body == "tls");
    CHECK(why(knowing.get("https://[::1]:" + std::to_string(port) + "/")) == "outbound.no_answer");
    Scripted elsewhere({{"127.0.0.1"}});
    server.stop();
    thread.join();
  }

  TEST_CASE("stop ends a call under way at once and refuses the next") {
    outbound::SystemResolver resolver;
    outbound::Fetcher fetcher(loopback(Duration(20'000)), resolver, the_clock());
    std::atomic<bool> heard = false;
    Raw mute([&](int fd) {
      heard = true;
      char byte = 0;
      (void)::recv(fd, &byte, 1, 0);
    });
    const auto start = the_clock().ticks();
    std::string ended;
    std::thread calling([&] { ended = why(fetcher.get(mute.url())); });
    while (!heard) std::this_thread::yield();
    fetcher.stop();
    calling.join();
    CHECK(ended == "outbound.stopped");
    CHECK(the_clock().ticks() - start < Duration(5000));
    CHECK(why(fetcher.get(mute.url())) == "outbound.stopped");
  }
}
