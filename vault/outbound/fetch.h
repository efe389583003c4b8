#pragma once
// One call to one URL of a brand, waited for.
//
// https only, no redirect, no cookie, no proxy from the environment, one connection per call. The
// name is resolved once, every address of it is checked, the connection is pinned to those, and the
// socket's own address is checked again when it is made: a name that changes its mind in between
// leads nowhere.

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/outbound/address.h"
#include "vault/outbound/resolver.h"

namespace vrm::outbound {

struct FetchOptions {
  UrlRules urls;
  std::size_t body_bytes = 64 * 1024;
  Duration total = std::chrono::seconds(5);  // resolving, connecting and reading together
  std::string proxy;    // empty: none. With one, the proxy resolves the name, so only the name is
                        // checked here.
  std::string ca_file;  // empty: the system's store
};

enum class Method { Get, Post };

struct Outgoing {
  Method method = Method::Get;
  std::string url;
  std::string content_type;  // of a Post
  std::string body;
  std::optional<std::size_t> body_bytes = {};  // of the answer; otherwise as the options say
  std::optional<Duration> total = {};          // the same
};

struct Fetched {
  int status = 0;
  std::string content_type;  // as sent, empty when absent
  std::string body;
};

class Call;

// Safe from any thread; each call blocks until its answer, its deadline or stop().
//
// An answer of any status but a redirect is an answer. Denied: the URL or an address behind its
// name is not allowed, or the answer is a redirect. Malformed: not a URL, or an answer longer than
// allowed or no HTTP. BadKey: the certificate is not trusted. Unavailable: nobody answers, too
// slowly, or stop() was called.
class Fetcher {
 public:
  Fetcher(FetchOptions options, Resolver& resolver, const Clock& clock);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  Result<Fetched> get(const std::string& url);
  Result<Fetched> post(const std::string& url, const std::string& content_type,
                       std::string_view body);

  // Ends every call under way and refuses further ones.
  void stop();

 private:
  Result<Fetched> fetch(Outgoing outgoing);
  Result<Fetched> run(Call& call, Duration until);
  Duration left(Duration until) const;

  const FetchOptions options_;
  Resolver& resolver_;
  const Clock& clock_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::vector<void*> running_;  // libcurl's handles of the calls under way
};

}  // namespace vrm::outbound
