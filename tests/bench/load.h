#pragma once
// Load: many keep-alive connections in one epoll loop, each with one request under way, at as
// little cost to this side as can be. It reads no more of an answer than its status and its length.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

// Every request is before + the next of `middles` + after; with no middles, before + after.
struct Requests {
  std::string before;
  std::span<const std::string> middles;
  std::string after;
};

struct LoadPlan {
  std::string host;  // an IPv4 address
  int port = 0;
  int connections = 1;
  Duration length = Duration(1000);
  bool tls = false;  // by the authorities that SSL_CERT_FILE names
};

struct LoadResult {
  double seconds = 0;                       // until the end, or until the middles ran out
  std::vector<std::uint64_t> latencies_us;  // of the answers with status 200
  std::map<int, std::uint64_t> other;       // how many answers had another status
  std::string first_other;                  // the body of the first of them
  std::uint64_t broken = 0;                 // connections that closed or spoke no HTTP
  bool ran_out = false;                     // of middles

  double per_second() const {
    return seconds > 0 ? static_cast<double>(latencies_us.size()) / seconds : 0;
  }
};

// What a load leaves: its connections, open as long as the object lives.
class KeptConnections {
 public:
  // The errors of run_load.
  static Result<std::unique_ptr<KeptConnections>> after_load(LoadPlan plan, Requests requests);
  ~KeptConnections();
  KeptConnections(const KeptConnections&) = delete;
  KeptConnections& operator=(const KeptConnections&) = delete;

  const LoadResult& load() const { return load_; }

 private:
  struct Line;
  KeptConnections();

  std::unique_ptr<Line> line_;
  LoadResult load_;
};

// Io: the system refused. Unavailable: a connection could not be made.
Result<LoadResult> run_load(const LoadPlan& plan, const Requests& requests);

}  // namespace vrm::bench
