#include "vault/outbound/call.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "vault/base/check.h"

namespace vrm::outbound {

namespace {

constexpr std::size_t kMaxHeadBytes = 32 * 1024;

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
  return is_public(address) || (url.host == "localhost" && is_loopback(address));
}

}  // namespace

// What libcurl calls. None may throw: they return into C.
struct Call::Callbacks {
  static std::size_t take_body(char* data, std::size_t one, std::size_t count,
                               void* self) noexcept {
    auto& call = *static_cast<Call*>(self);
    const std::size_t size = one * count;
    const std::size_t most = call.outgoing_.body_bytes.value_or(call.options_.body_bytes);
    if (call.received_.size() + size > most) {
      call.too_large_ = true;
      return 0;
    }
    call.received_.append(data, size);
    return size;
  }

  static std::size_t take_head(char*, std::size_t one, std::size_t count, void* self) noexcept {
    auto& call = *static_cast<Call*>(self);
    call.head_bytes_ += one * count;
    call.too_large_ = call.too_large_ || call.head_bytes_ > kMaxHeadBytes;
    return call.too_large_ ? 0 : one * count;
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) noexcept {
    auto& call = *static_cast<Call*>(self);
    call.opened_ = true;
    if (!call.allows(address_of(to->addr, to->addrlen))) {
      call.strayed_ = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  static int before_request(void* self, char* address, char*, int, int) noexcept {
    auto& call = *static_cast<Call*>(self);
    if (call.allows(address_from_text(address))) return CURL_PREREQFUNC_OK;
    (call.opened_ ? call.strayed_ : call.stale_) = true;
    return CURL_PREREQFUNC_ABORT;
  }
};

Call::Call(Outgoing outgoing, Url url, const FetchOptions& options)
    : outgoing_(std::move(outgoing)), url_(std::move(url)), options_(options) {
  if (url_.literal) addresses_ = {*url_.literal};
}

Result<std::unique_ptr<Call>> Call::open(Outgoing outgoing, const FetchOptions& options) {
  auto url = TRY(check_url(outgoing.url, options.urls));
  return std::unique_ptr<Call>(new Call(std::move(outgoing), std::move(url), options));
}

bool Call::needs_addresses() const {
  return !url_.literal && options_.proxy.empty();
}

bool Call::allows(const std::optional<Address>& address) const {
  if (!options_.proxy.empty()) return true;
  return address && std::find(addresses_.begin(), addresses_.end(), *address) != addresses_.end();
}

Result<void> Call::admit(std::vector<Address> found) {
  const auto allowed = [this](const Address& address) { return may_connect(address, url_); };
  if (found.empty() || !std::all_of(found.begin(), found.end(), allowed)) {
    return refusal(ErrorCode::Denied, "outbound.address_not_public", {{"host", url_.host}});
  }
  addresses_ = std::move(found);
  return {};
}

CURL* Call::prepare(Reuse reuse) {
  VRM_CHECK(easy_ == nullptr && (!addresses_.empty() || !options_.proxy.empty()));
  easy_.reset(curl_easy_init());
  VRM_CHECK(easy_ != nullptr);
  restrict(easy_.get(), reuse);
  watch(easy_.get());
  pin(easy_.get());
  fill(easy_.get());
  return easy_.get();
}

void Call::restrict(CURL* easy, Reuse reuse) {
  set(easy, CURLOPT_URL, url_.text.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, url_.tls ? "https" : "http");
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  // Also when empty: that shuts out the environment's.
  set(easy, CURLOPT_PROXY, options_.proxy.c_str());
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  // Through a proxy that mixes callers, one connection for two calls would tie them together.
  const bool again = reuse == Reuse::SameOrigin && options_.proxy.empty();
  set(easy, CURLOPT_FORBID_REUSE, again ? 0L : 1L);
}

void Call::watch(CURL* easy) {
  set(easy, CURLOPT_WRITEFUNCTION, &Callbacks::take_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy, CURLOPT_HEADERFUNCTION, &Callbacks::take_head);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(easy, CURLOPT_PREREQFUNCTION, &Callbacks::before_request);
  set(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
}

void Call::pin(CURL* easy) {
  if (!needs_addresses()) return;
  std::string pin = url_.host + ":" + std::to_string(url_.port) + ":";
  for (const auto& address : addresses_) {
    const bool v6 = address.family == Address::Family::V6;
    pin += (pin.back() == ':' ? "" : ",") + (v6 ? "[" + to_text(address) + "]" : to_text(address));
  }
  append(pins_, pin);
  set(easy, CURLOPT_RESOLVE, pins_.get());
}

void Call::fill(CURL* easy) {
  set(easy, CURLOPT_USERAGENT, "vrm");
  if (outgoing_.method == Method::Post) {
    append(headers_, "Content-Type: " + outgoing_.content_type);
    append(headers_, "Expect:");
    set(easy, CURLOPT_HTTPHEADER, headers_.get());
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(outgoing_.body.size()));
    set(easy, CURLOPT_POSTFIELDS, outgoing_.body.data());
  }
}

bool Call::rewind() {
  if (!stale_) return false;
  stale_ = false;
  head_bytes_ = 0;
  received_.clear();
  set(easy_.get(), CURLOPT_FRESH_CONNECT, 1L);
  return true;
}

Result<Fetched> Call::answer(CURLcode ended) {
  if (ended != CURLE_OK || strayed_ || too_large_) return failure(ended);
  long status = 0;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300 && status < 400) {
    return refusal(ErrorCode::Denied, "outbound.redirected", {{"host", url_.host}});
  }
  const char* type = nullptr;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_TYPE, &type);
  return Fetched{static_cast<int>(status), type != nullptr ? type : "", std::move(received_)};
}

Error Call::failure(CURLcode ended) const {
  const bool is_usual = url_.port == 443;
  const Gaps host{{"host", is_usual ? url_.host : url_.host + ":" + std::to_string(url_.port)}};
  if (strayed_) return refusal(ErrorCode::Denied, "outbound.address_not_public", host);
  if (too_large_) return refusal(ErrorCode::Malformed, "outbound.answer_too_long", host);
  if (ended == CURLE_PEER_FAILED_VERIFICATION || ended == CURLE_SSL_CONNECT_ERROR ||
      ended == CURLE_SSL_CACERT_BADFILE) {
    return refusal(ErrorCode::BadKey, "outbound.certificate_not_trusted", host);
  }
  if (ended == CURLE_WEIRD_SERVER_REPLY || ended == CURLE_UNSUPPORTED_PROTOCOL ||
      ended == CURLE_PARTIAL_FILE) {
    return refusal(ErrorCode::Malformed, "outbound.answer_not_http", host);
  }
  return refusal(ErrorCode::Unavailable, "outbound.no_answer", host);
}

}  // namespace vrm::outbound
