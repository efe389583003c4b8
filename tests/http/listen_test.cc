#include "vault/http/listen.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/http/wire.h"

using namespace vrm;  // tests only
using wire::Client;

namespace {

// A folder of our own, 0700, gone at the end.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/vrm-door-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

http::DoorOptions at(const std::string& path, uid_t uid = ::geteuid()) {
  http::DoorOptions options;
  options.place = http::UnixPlace{path, uid};
  return options;
}

std::string why(const Result<std::unique_ptr<http::Door>>& opened) {
  return opened.ok() ? "opened" : opened.error().say;
}

std::string copied(const Folder& folder, const std::string& name, mode_t mode) {
  std::ifstream from(std::string(VRM_SOURCE_DIR) + "/tests/http/" + name);
  const std::string to = folder.file(name);
  std::ofstream(to) << from.rdbuf();
  REQUIRE(::chmod(to.c_str(), mode) == 0);
  return to;
}

}  // namespace

TEST_SUITE("http/listen") {
  TEST_CASE("a Unix door serves its user through a file nobody else may open, and takes it away") {
    const Folder folder;
    wire::Echo echo;
    {
      const auto door = wire::open(at(folder.file("s")), echo);
      struct stat found {};
      REQUIRE(::lstat(folder.file("s").c_str(), &found) == 0);
      CHECK((found.st_mode & 0777U) == 0600);
      for (const auto* host : {"localhost", "vrm"}) {
        Client client(folder.file("s"));
        REQUIRE(client.send("GET /a HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"));
        CHECK(client.status() == 200);
      }
      Client foreign(folder.file("s"));
      REQUIRE(foreign.send("GET /a HTTP/1.1\r\nHost: evil.test\r\n\r\n"));
      CHECK(foreign.status() == 400);
      const auto seen = echo.take();
      REQUIRE(seen.size() == 2);
      CHECK(seen[0].peer == "owner");
    }
    CHECK_FALSE(std::filesystem::exists(folder.file("s")));
  }

  TEST_CASE("a process of another user is not heard") {
    const Folder folder;
    wire::Echo echo;
    const auto door = wire::open(at(folder.file("s"), ::geteuid() + 1), echo);
    Client client(folder.file("s"));
    (void)client.send("GET /a HTTP/1.1\r\nHost: vrm\r\n\r\n");
    CHECK(client.closed());
    CHECK(client.rest().empty());
    CHECK(echo.take().empty());
    CHECK(door->tally().turned_away == 1);
  }

  TEST_CASE("the file of a daemon that is gone is replaced, a live one is left alone") {
    const Folder folder;
    wire::Echo echo;
    const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, folder.file("s").c_str());
    REQUIRE(::bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(stale);
    const auto door = wire::open(at(folder.file("s")), echo);
    CHECK(why(http::Door::open(at(folder.file("s")), echo, wire::clock())) == "http.socket_in_use");
    Client client(folder.file("s"));
    REQUIRE(client.send("GET /a HTTP/1.1\r\nHost: vrm\r\n\r\n"));
    CHECK(client.status() == 200);
  }

  TEST_CASE("nothing but a socket of ours is replaced, and a symbolic link is not followed") {
    const Folder folder;
    wire::Echo echo;
    std::ofstream(folder.file("f")) << "mine";
    CHECK(why(http::Door::open(at(folder.file("f")), echo, wire::clock())) ==
          "http.socket_path_taken");
    std::filesystem::create_symlink("elsewhere", folder.file("l"));
    CHECK(why(http::Door::open(at(folder.file("l")), echo, wire::clock())) ==
          "http.socket_path_taken");
    CHECK(std::filesystem::exists(folder.file("f")));
  }

  TEST_CASE("a folder that others may enter is refused, and so is a path too long") {
    const Folder folder;
    wire::Echo echo;
    REQUIRE(::chmod(folder.path.c_str(), 0755) == 0);
    CHECK(why(http::Door::open(at(folder.file("s")), echo, wire::clock())) ==
          "http.folder_not_private");
    CHECK(why(http::Door::open(at(folder.file(std::string(200, 'a'))), echo, wire::clock())) ==
          "http.socket_path_too_long");
  }

  TEST_CASE("a door keeps a file that another daemon has put in its place") {
    const Folder folder;
    wire::Echo echo;
    auto door = wire::open(at(folder.file("s")), echo);
    std::filesystem::remove(folder.file("s"));
    const auto other = wire::open(at(folder.file("s")), echo);
    door.reset();
    CHECK(std::filesystem::exists(folder.file("s")));
  }

  TEST_CASE("TLS: a checked certificate, keep-alive, a large answer, and nothing in plain") {
    const Folder folder;
    wire::Echo echo;
    auto options = wire::loopback();
    options.hosts = {"localhost:0"};
    options.tls = http::TlsFiles{copied(folder, "localhost_cert.pem", 0644),
                                 copied(folder, "localhost_key.pem", 0600)};
    options.deadlines.head = Duration(300);
    const auto door = wire::open(options, echo);
    httplib::SSLClient client("localhost", door->port());
    client.set_ca_cert_path(options.tls->certificate.c_str());
    client.enable_server_certificate_verification(true);
    client.set_keep_alive(true);
    const std::string body(60'000, 'b');
    for (int i = 0; i < 3; ++i) {
      const auto answer = client.Post("/a", body, "text/plain");
      REQUIRE(answer);
      CHECK(answer->status == 200);
      CHECK(answer->body == "POST /a||" + body);
    }
    Client plain(door->port());
    REQUIRE(plain.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK(plain.closed());
    CHECK(plain.rest().find("HTTP/1.1 ") == std::string::npos);
    Client silent(door->port());
    CHECK(silent.closed(Duration(2000)));
  }

  TEST_CASE("TLS: answers from another thread, and a door that closes under them") {
    const Folder folder;
    wire::Keeper keeper;
    auto options = wire::loopback();
    options.hosts = {"localhost:0"};
    options.tls = http::TlsFiles{copied(folder, "localhost_cert.pem", 0644),
                                 copied(folder, "localhost_key.pem", 0600)};
    options.deadlines.grace = Duration(50);
    const auto door = wire::open(options, keeper);
    const auto ask = [&](int& status) {
      httplib::SSLClient client("localhost", door->port());
      client.enable_server_certificate_verification(false);
      const auto answer = client.Get("/a");
      status = answer ? answer->status : -1;
    };
    int first = 0;
    std::thread one(ask, std::ref(first));
    keeper.take(1)[0]->send({201, {}, "first"});
    one.join();
    CHECK(first == 201);
    int second = 0;
    std::thread two(ask, std::ref(second));
    auto kept = keeper.take(1);
    door->stop();
    two.join();
    CHECK(second == 503);
  }

  TEST_CASE("a key that others may read, and files that are no certificate, are refused") {
    const Folder folder;
    wire::Echo echo;
    auto options = wire::loopback();
    const std::string certificate = copied(folder, "localhost_cert.pem", 0644);
    const std::string key = copied(folder, "localhost_key.pem", 0644);
    options.tls = http::TlsFiles{certificate, key};
    CHECK(why(http::Door::open(options, echo, wire::clock())) == "http.key_open_to_others");
    REQUIRE(::chmod(key.c_str(), 0600) == 0);
    options.tls = http::TlsFiles{key, key};
    CHECK(why(http::Door::open(options, echo, wire::clock())) == "http.certificate_unusable");
    options.tls = http::TlsFiles{folder.file("none"), key};
    CHECK(why(http::Door::open(options, echo, wire::clock())) == "http.pem_not_readable");
  }

  TEST_CASE("loopback is told by number") {
    for (const auto* address : {"127.0.0.1", "127.9.9.9", "::1"}) CHECK(http::is_loopback(address));
    for (const auto* address : {"0.0.0.0", "::", "10.0.0.1", "localhost", "", "128.0.0.1"}) {
      CHECK_FALSE(http::is_loopback(address));
    }
  }
}
