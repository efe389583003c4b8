#include "tests/cli/fake_daemon.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace vrm::cli_test {

Folder::Folder() {
  std::string name = "/tmp/vrm_cli_XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
}

std::string Folder::file(const std::string& name, const std::string& content, unsigned mode) const {
  const auto path = path_ + "/" + name;
  std::ofstream(path) << content;
  REQUIRE(chmod(path.c_str(), mode) == 0);
  return path;
}

FakeDaemon::FakeDaemon() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = folder_.path() + "/vrm.sock";
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(listen(fd, 8) == 0);
  server_.adopt(fd);
  const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
    serve(request, response);
  };
  server_.Get(".*", handler).Post(".*", handler).Put(".*", handler).Delete(".*", handler);
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  while (!server_.is_running()) std::this_thread::yield();
}

FakeDaemon::~FakeDaemon() {
  server_.stop();
  thread_.join();
}

void FakeDaemon::answer(const std::string& line, const std::string& body, int status) {
  answer_in_turn(line, {{status, body}});
}

void FakeDaemon::answer_in_turn(const std::string& line, std::vector<Canned> answers) {
  const std::lock_guard lock(mutex_);
  answers_[line] = std::move(answers);
}

void FakeDaemon::answer_all(const std::string& body, int status) {
  const std::lock_guard lock(mutex_);
  otherwise_ = {status, body};
}

std::vector<Asked> FakeDaemon::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void FakeDaemon::before_answers(std::function<void(const std::string& line)> look) {
  const std::lock_guard lock(mutex_);
  look_ = std::move(look);
}

void FakeDaemon::serve(const httplib::Request& request, httplib::Response& response) {
  const auto line = request.method + " " + request.target;
  std::function<void(const std::string&)> look;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back({line, request.body, request.get_header_value("Content-Type"),
                      request.get_header_value("Host"),
                      request.get_header_value("VRM-Person") == "1"});
    look = look_;
  }
  if (look) look(line);  // may wait for another call
  const std::lock_guard lock(mutex_);
  const auto canned = next_answer(line);
  response.status = canned.status;
  if (canned.dropped)
    response.set_content_provider(1000, "application/json",
                                  [](std::size_t, std::size_t, auto&) { return false; });
  else
    response.set_content(canned.body, "application/json");
}

Canned FakeDaemon::next_answer(const std::string& line) {
  auto found = answers_.find(line);
  if (found == answers_.end()) found = answers_.find(line.substr(0, line.find('?')));
  if (found == answers_.end()) return otherwise_;
  const auto canned = found->second.front();
  if (found->second.size() > 1) found->second.erase(found->second.begin());
  return canned;
}

}  // namespace vrm::cli_test
