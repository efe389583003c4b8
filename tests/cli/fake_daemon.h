#pragma once
// A daemon that answers with canned documents, on a Unix socket in a folder of its own.

#include <httplib.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vrm::cli_test {

// A folder that dies with the object.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  const std::string& path() const { return path_; }
  // Makes a file there and gives its path.
  std::string file(const std::string& name, const std::string& content, unsigned mode = 0600) const;

 private:
  std::string path_;
};

struct Canned {
  int status = 200;
  std::string body;
  bool dropped = false;  // the connection ends in the middle of the answer
};

struct Asked {
  std::string line;  // "POST /v1/init?slot=passphrase"
  std::string body;
  std::string type;
  std::string host;
  bool by_person = false;
};

class FakeDaemon {
 public:
  FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  // `line` is the method and the path with its query.
  void answer(const std::string& line, const std::string& body, int status = 200);
  // The answers to the first call, the second, and so on; the last one stays. A `line` without a
  // query stands for every query.
  void answer_in_turn(const std::string& line, std::vector<Canned> answers);
  // Every call that has no answer of its own.
  void answer_all(const std::string& body, int status = 200);
  std::vector<Asked> asked() const;
  // Called before each answer, on the server's thread.
  void before_answers(std::function<void(const std::string& line)> look);

  const Folder& folder() const { return folder_; }
  std::string socket() const { return folder_.path() + "/vrm.sock"; }

 private:
  // Lets the server take a socket that we bound, with the mode we want.
  class Server : public httplib::Server {
   public:
    void adopt(int fd) { svr_sock_ = fd; }
  };

  void serve(const httplib::Request& request, httplib::Response& response);
  Canned next_answer(const std::string& line);

  Folder folder_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Canned>> answers_;
  Canned otherwise_{404, R"({"error":{"code":"not_found","message":"nothing canned"}})"};
  std::vector<Asked> asked_;
  std::function<void(const std::string&)> look_;
  Server server_;
  std::thread thread_;
};

}  // namespace vrm::cli_test
