#pragma once
// One call as a handle of libcurl, with every rule in it. Fetcher and WebCalls both get theirs here.
//
//   open -> admit (the addresses behind the name) -> prepare -> a multi handle runs it -> answer
//
// https only, no redirect, no cookie, no proxy from the environment. The name is resolved once,
// every address of it is checked, the connection is pinned to those; the socket's own address is
// checked when it is made, and the connection's once more before anything is sent on it.

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

#include "vault/base/result.h"
#include "vault/outbound/fetch.h"

namespace vrm::outbound {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// Whether the connection may serve another call to the same origin afterwards.
enum class Reuse { Never, SameOrigin };

class Call {
 public:
  // Errors as check_url(). `options` lives longer than the call.
  static Result<std::unique_ptr<Call>> open(Outgoing outgoing, const FetchOptions& options);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const std::string& host() const { return url_.host; }
  Duration total() const { return outgoing_.total.value_or(options_.total); }

  // False: nothing is to be resolved, because the host is an address or a proxy resolves it; then
  // admit() is not called.
  bool needs_addresses() const;
  // Denied: none, or one of them is not allowed. A name that is half inside is not a brand's.
  Result<void> admit(std::vector<Address> found);

  // REQUIRES: admitted, where addresses are needed. The handle lives as long as the call, and the
  // call as long as it is in a multi handle.
  CURL* prepare(Reuse reuse);
  // True: it ended before anything was sent, because the connection it was to use again leads to an
  // address that the name has no more. Then it is ready to run again, on a fresh one.
  bool rewind();
  // After its end. Errors as Fetcher's.
  Result<Fetched> answer(CURLcode ended);

 private:
  struct Callbacks;

  Call(Outgoing outgoing, Url url, const FetchOptions& options);
  Error failure(CURLcode ended) const;
  void restrict(CURL* easy, Reuse reuse);
  void watch(CURL* easy);
  void pin(CURL* easy);
  void fill(CURL* easy);
  bool allows(const std::optional<Address>& address) const;

  const Outgoing outgoing_;
  const Url url_;
  const FetchOptions& options_;
  std::vector<Address>
      addresses_;         // the only ones a connection may lead to; unless a proxy resolves
  bool opened_ = false;   // a socket was made for this call
  bool strayed_ = false;  // it was to lead elsewhere
  bool stale_ = false;    // an older connection led elsewhere
  bool too_large_ = false;
  std::size_t head_bytes_ = 0;
  std::string received_;
  List headers_;
  List pins_;
  Easy easy_;
};

}  // namespace vrm::outbound
