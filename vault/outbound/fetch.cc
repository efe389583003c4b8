#include "vault/outbound/fetch.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "vault/base/check.h"

namespace vrm::outbound {

namespace {

constexpr std::size_t kMaxHeadBytes = 32 * 1024;

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

void append(List& list, const std::string& text) {
  curl_slist* grown = curl_slist_append(list.get(), text.c_str());
  VRM_CHECK(grown != nullptr);
  (void)list.release();
  list.reset(grown);
}

std::optional<Address> address_of(const sockaddr& from, std::size_t size) {
  Address made;
  if (from.sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof in);
    std::memcpy(made.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    return made;
  }
  if (from.sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof in);
    made.family = Address::Family::V6;
    std::memcpy(made.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    return made;
  }
  return std::nullopt;
}

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
  VRM_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

bool may_connect(const Address& address, const Url& url) {
  return is_public(address) || (url.literal && address == *url.literal) ||
         (url.host == "localhost" && is_loopback(address));
}

}  // namespace

struct Fetcher::Call {
  std::string method;
  std::string given;
  std::string content_type;
  std::string_view body;
  Duration until{};

  Url url;
  std::vector<Address> addresses;  // the only ones a socket may be made for; none with a proxy
  bool pinned = false;
  bool strayed = false;  // a socket for another address was asked for
  bool too_large = false;
  std::size_t most = 0;
  std::size_t head_bytes = 0;
  std::string received;
  List headers;
  List pins;
  Easy easy;
  CURLcode ended = CURLE_OK;

  static std::size_t take_body(char* data, std::size_t one, std::size_t count,
                               void* self) noexcept {
    auto& call = *static_cast<Call*>(self);
    const std::size_t size = one * count;
    if (call.received.size() + size > call.most) {
      call.too_large = true;
      return 0;
    }
    call.received.append(data, size);
    return size;
  }
  static std::size_t take_head(char*, std::size_t one, std::size_t count, void* self) noexcept {
    auto& call = *static_cast<Call*>(self);
    call.head_bytes += one * count;
    call.too_large = call.too_large || call.head_bytes > kMaxHeadBytes;
    return call.too_large ? 0 : one * count;
  }
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) noexcept {
    auto& call = *static_cast<Call*>(self);
    if (call.pinned) {
      const auto address = address_of(to->addr, to->addrlen);
      const auto& allowed = call.addresses;
      if (!address || std::find(allowed.begin(), allowed.end(), *address) == allowed.end()) {
        call.strayed = true;
        return CURL_SOCKET_BAD;
      }
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  void prepare(const FetchOptions& options);
};

void Fetcher::Call::prepare(const FetchOptions& options) {
  easy.reset(curl_easy_init());
  VRM_CHECK(easy != nullptr);
  CURL* const c = easy.get();
  most = options.body_bytes;
  set(c, CURLOPT_URL, url.text.c_str());
  set(c, CURLOPT_PROTOCOLS_STR, url.tls ? "https" : "http");
  set(c, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(c, CURLOPT_FOLLOWLOCATION, 0L);
  set(c, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(c, CURLOPT_PATH_AS_IS, 1L);
  set(c, CURLOPT_NOSIGNAL, 1L);
  set(c, CURLOPT_PROXY,
      options.proxy.c_str());  // also when empty: that shuts out the environment's
  set(c, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(c, CURLOPT_SSL_VERIFYPEER, 1L);
  set(c, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) {
    set(c, CURLOPT_CAINFO, options.ca_file.c_str());
    set(c, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(c, CURLOPT_FORBID_REUSE, 1L);
  set(c, CURLOPT_USERAGENT, "vrm");
  set(c, CURLOPT_WRITEFUNCTION, &Call::take_body);
  set(c, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(c, CURLOPT_HEADERFUNCTION, &Call::take_head);
  set(c, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(c, CURLOPT_OPENSOCKETFUNCTION, &Call::open_socket);
  set(c, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  if (pinned) {
    std::string pin = url.host + ":" + std::to_string(url.port) + ":";
    for (const auto& address : addresses) {
      const bool v6 = address.family == Address::Family::V6;
      pin +=
          (pin.back() == ':' ? "" : ",") + (v6 ? "[" + to_text(address) + "]" : to_text(address));
    }
    append(pins, pin);
    set(c, CURLOPT_RESOLVE, pins.get());
  }
  if (method == "POST") {
    append(headers, "Content-Type: " + content_type);
    append(headers, "Expect:");
    set(c, CURLOPT_POST, 1L);
    set(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(c, CURLOPT_POSTFIELDS, body.data());
  }
  append(headers, "Accept: */*");
  set(c, CURLOPT_HTTPHEADER, headers.get());
}

Fetcher::Fetcher(FetchOptions options, Resolver& resolver, const Clock& clock)
    : options_(std::move(options)), resolver_(resolver), clock_(clock) {
  VRM_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

Fetcher::~Fetcher() {
  stop();
  curl_global_cleanup();
}

Result<Fetched> Fetcher::get(const std::string& url) {
  Call call;
  call.method = "GET";
  call.given = url;
  return fetch(call);
}

Result<Fetched> Fetcher::post(const std::string& url, const std::string& content_type,
                              std::string_view body) {
  Call call;
  call.method = "POST";
  call.given = url;
  call.content_type = content_type;
  call.body = body;
  return fetch(call);
}

void Fetcher::stop() {
  stopped_.store(true);
  const std::lock_guard lock(mutex_);
  for (void* multi : running_) (void)curl_multi_wakeup(multi);
}

Duration Fetcher::left(const Call& call) const {
  return std::max(call.until - clock_.ticks(), Duration(0));
}

Result<Fetched> Fetcher::fetch(Call& call) {
  call.until = clock_.ticks() + options_.total;
  call.url = TRY(check_url(call.given, options_.urls));
  if (options_.proxy.empty()) TRY(resolve(call));
  call.prepare(options_);
  TRY(run(call));
  return answer_of(call);
}

// Every address must be allowed: a name that is half inside is not a brand's.
Result<void> Fetcher::resolve(Call& call) {
  if (call.url.literal) {
    call.addresses = {*call.url.literal};
  } else {
    call.addresses = TRY(resolver_.resolve(call.url.host, left(call)));
  }
  const auto allowed = [&](const Address& address) { return may_connect(address, call.url); };
  if (call.addresses.empty() ||
      !std::all_of(call.addresses.begin(), call.addresses.end(), allowed)) {
    return refusal(ErrorCode::Denied, "outbound.address_not_public", {{"host", call.url.host}});
  }
  call.pinned = true;
  return {};
}

Result<void> Fetcher::run(Call& call) {
  const Multi multi(curl_multi_init());
  VRM_CHECK(multi != nullptr);
  {
    const std::lock_guard lock(mutex_);
    running_.push_back(multi.get());
  }
  VRM_CHECK(curl_multi_add_handle(multi.get(), call.easy.get()) == CURLM_OK);
  int busy = 1;
  bool ended = false;
  while (!stopped_.load() && left(call) > Duration(0)) {
    if (curl_multi_perform(multi.get(), &busy) != CURLM_OK) break;
    if (busy == 0) {
      int queued = 0;
      const CURLMsg* message = curl_multi_info_read(multi.get(), &queued);
      ended = message != nullptr && message->msg == CURLMSG_DONE;
      if (ended) call.ended = message->data.result;
      break;
    }
    (void)curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(left(call).count()), nullptr);
  }
  {
    const std::lock_guard lock(mutex_);
    running_.erase(std::find(running_.begin(), running_.end(), multi.get()));
  }
  (void)curl_multi_remove_handle(multi.get(), call.easy.get());
  if (ended) return {};
  if (stopped_.load()) return refusal(ErrorCode::Unavailable, "outbound.stopped");
  return refusal(ErrorCode::Unavailable, "outbound.too_slow", {{"host", call.url.host}});
}

Result<Fetched> Fetcher::answer_of(Call& call) const {
  const Gaps host{{"host", call.url.host}};
  if (call.strayed) return refusal(ErrorCode::Denied, "outbound.address_not_public", host);
  if (call.too_large) return refusal(ErrorCode::Malformed, "outbound.answer_too_long", host);
  if (call.ended == CURLE_PEER_FAILED_VERIFICATION || call.ended == CURLE_SSL_CONNECT_ERROR ||
      call.ended == CURLE_SSL_CACERT_BADFILE) {
    return refusal(ErrorCode::BadKey, "outbound.certificate_not_trusted", host);
  }
  if (call.ended == CURLE_WEIRD_SERVER_REPLY || call.ended == CURLE_UNSUPPORTED_PROTOCOL ||
      call.ended == CURLE_PARTIAL_FILE) {
    return refusal(ErrorCode::Malformed, "outbound.answer_not_http", host);
  }
  if (call.ended != CURLE_OK) return refusal(ErrorCode::Unavailable, "outbound.no_answer", host);
  long status = 0;
  (void)curl_easy_getinfo(call.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  const char* type = nullptr;
  (void)curl_easy_getinfo(call.easy.get(), CURLINFO_CONTENT_TYPE, &type);
  if (status >= 300 && status < 400) return refusal(ErrorCode::Denied, "outbound.redirected", host);
  return Fetched{static_cast<int>(status), type != nullptr ? type : "", std::move(call.received)};
}

}  // namespace vrm::outbound
