#include "examples/shop/web.h"

#include <httplib.h>

#include <cctype>
#include <charconv>
#include <exception>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr int kTimeoutSeconds = 10;
constexpr int kAnswerSeconds = 35;  // through a mailbox an answer may take half a minute

bool is_this_machine(std::string_view authority) {
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (authority == name) return true;
    if (authority.starts_with(name) && authority[name.size()] == ':') return true;
  }
  return false;
}

bool may_stand_in_url(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-._~/:[]").find(c) != std::string_view::npos;
}

std::string encoded(const Pairs& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    if (!text.empty()) text += '&';
    text += form_encoded(name) + "=" + form_encoded(value);
  }
  return text;
}

httplib::Request request_of(const Call& call, const Url& url) {
  httplib::Request request;
  request.method = call.method;
  request.path = call.query.empty() ? url.path : url.path + "?" + call.query;
  for (const auto& [name, value] : call.headers) request.headers.emplace(name, value);
  if (!call.jws.empty()) {
    request.body = call.jws;
    request.headers.emplace("Content-Type", "application/jwt");
  } else if (call.method == "POST") {
    request.body = encoded(call.form);
    request.headers.emplace("Content-Type", "application/x-www-form-urlencoded");
  } else if (call.method != "GET") {
    request.headers.emplace("Content-Length", "0");
  }
  return request;
}

// A text of an error document, "" when it has none.
std::string text_in(std::string_view body, std::string_view name, std::size_t most) {
  const Result<nlohmann::json> said = read_json(body);
  if (!said.ok() || !said.value().is_object()) return "";
  const Result<std::optional<std::string>> text = vrm::find_string(said.value(), name);
  if (!text.ok()) return "";
  return printable(text.value().value_or(""), most);
}

// What a person can do about a call that got no answer.
std::string failure_of(httplib::Error error, const std::string& origin) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return "nobody answers at " + origin +
             ": the vault's daemon is not running there, or its door for brands is another now "
             "(vrm daemon status)";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return origin + " did not answer in time, or hung up; try again";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return origin + " could not prove who it is: its certificate is not trusted here";
    case httplib::Error::Canceled:
      return origin + " sent more than an answer may have";
    case httplib::Error::Success:
    case httplib::Error::Unknown:
    case httplib::Error::BindIPAddress:
    case httplib::Error::ExceedRedirectCount:
    case httplib::Error::UnsupportedMultipartBoundaryChars:
    case httplib::Error::Compression:
      break;
  }
  return origin + " gave no answer that can be read (" + httplib::to_string(error) + ")";
}

Answer answer_of(const httplib::Response& response, std::string body) {
  Answer answer;
  answer.status = response.status;
  if (response.status >= 400) {
    answer.error = text_in(body, "error", 60);
    answer.why = text_in(body, "error_description", 400) + text_in(body, "detail", 400);
  }
  answer.body = std::move(body);
  answer.nonce = response.get_header_value("DPoP-Nonce");
  answer.caching = response.get_header_value("Cache-Control");
  answer.challenge = response.get_header_value("WWW-Authenticate");
  answer.type = response.get_header_value("Content-Type");
  const std::string wait = response.get_header_value("Retry-After");
  std::from_chars(wait.data(), wait.data() + wait.size(), answer.retry_after_s);
  return answer;
}

Result<Answer> send_to(const Url& url, const Call& call) {
  httplib::Client client(url.origin);
  client.set_tcp_nodelay(true);  // without it a small request waits 40 ms for an acknowledgement
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kAnswerSeconds);
  client.set_write_timeout(kTimeoutSeconds);
  client.set_follow_location(false);
  httplib::Request request = request_of(call, url);
  std::string body;
  request.content_receiver = [&body, &call](const char* data, std::size_t size, std::uint64_t,
                                            std::uint64_t) {
    body.append(data, size);
    return body.size() <= call.most;
  };
  const httplib::Result result = client.send(request);
  if (!result) {
    return Error{ErrorCode::Unavailable, failure_of(result.error(), url.origin)};
  }
  return answer_of(*result, std::move(body));
}

}  // namespace

std::string Answer::in_words() const {
  return std::to_string(status) + (error.empty() ? "" : " " + error) +
         (why.empty() ? "" : ": " + why);
}

std::string form_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

Result<Url> url_from_text(std::string_view text) {
  const Error malformed{ErrorCode::Malformed,
                        "`" + printable(text, 200) + "` is no address of a vault"};
  for (const char c : text) {
    if (!may_stand_in_url(c)) return malformed;
  }
  const std::size_t start = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const std::size_t slash = text.find('/', start);
  const std::string_view authority = text.substr(start, slash - start);
  if (start == 0 || authority.empty()) return malformed;
  if (start == 7 && !is_this_machine(authority)) return malformed;
  Url url;
  url.origin = text.substr(0, slash);
  url.path = slash == std::string_view::npos ? "/" : std::string(text.substr(slash));
  return url;
}

Result<Answer> send(const Call& call) {
  const Url url = TRY(url_from_text(call.url));
  try {
    return send_to(url, call);
  } catch (const std::exception& failed) {  // a port that is no number, for one
    return Error{ErrorCode::Unavailable, url.origin + ": " + failed.what()};
  }
}

}  // namespace vrm::shop
