#include "examples/shop/envelope.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/json.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

constexpr std::size_t kMostHeaders = 32;
constexpr std::size_t kMostHeaderBytes = 4 * 1024;

constexpr std::array<std::string_view, 5> kForTheVault = {"accept", "authorization", "content-type",
                                                          "dpop", "idempotency-key"};
constexpr std::array<std::string_view, 10> kOfTheConnection = {
    "connection", "content-length",   "date", "host", "keep-alive", "server", "te", "trailer",
    "upgrade",    "transfer-encoding"};

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error bad_envelope(const char* why) {
  return {ErrorCode::Malformed, why};
}

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

bool is_one_line(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

Result<Pairs> read_headers(const json& list) {
  Pairs headers;
  if (list.size() > kMostHeaders) return bad_envelope("more headers than an answer needs");
  for (const json& pair : list) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return bad_envelope("a header is a pair of texts");
    }
    std::string name = pair[0].get<std::string>();
    std::string value = pair[1].get<std::string>();
    if (!is_token(name) || !is_one_line(value) || value.size() > kMostHeaderBytes) {
      return bad_envelope("a header that is none");
    }
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (!is_one_of(kOfTheConnection, name)) headers.emplace_back(std::move(name), std::move(value));
  }
  return headers;
}

}  // namespace

bool is_for_the_vault(std::string_view name) {
  return is_one_of(kForTheVault, name);
}

std::string write_requests(const std::vector<Parcel>& parcels) {
  json requests = json::array();
  for (const Parcel& parcel : parcels) {
    json headers = json::array();
    for (const auto& [name, value] : parcel.request.headers) {
      headers.push_back(json::array({name, value}));
    }
    requests.push_back({{"id", parcel.id},
                        {"method", parcel.request.method},
                        {"path", parcel.request.path},
                        {"query", parcel.request.query},
                        {"headers", headers},
                        {"body", to_base64url(bytes_of(parcel.request.body))}});
  }
  return write_json({{"requests", requests}});
}

Result<Answered> read_answer(const json& payload) {
  Answered answered;
  answered.id = TRY(need_string(payload, "id"));
  const std::int64_t status = TRY(need_int(payload, "status"));
  if (status < 200 || status > 599) return bad_envelope("`status` is none");
  answered.response.status = static_cast<int>(status);
  const json* headers = TRY(need_array(payload, "headers"));
  answered.response.headers = TRY(read_headers(*headers));
  const std::string encoded = TRY(need_string(payload, "body"));
  const Bytes body = TRY(from_base64url(encoded));
  answered.response.body = text_of(body);
  return answered;
}

}  // namespace vrm::shop
