#include "vault/brands/address.h"

#include <algorithm>

#include "vault/base/ascii.h"

namespace vrm::brands {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) return host.size() > 2 && host.ends_with(']');
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

// Splits "host:port"; false when the port is no number of at most five digits.
bool split_port(std::string_view authority, Address& address) {
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  address.host = lower(authority.substr(0, has_port ? colon : authority.size()));
  if (!has_port) return true;
  address.port = authority.substr(colon + 1);
  return all_digits(address.port) && address.port.size() <= 5 && address.port.front() != '0';
}

}  // namespace

std::string Address::origin() const {
  return scheme + "://" + host_and_port();
}

std::string Address::host_and_port() const {
  return port.empty() ? host : host + ":" + port;
}

std::optional<Address> address_of(std::string_view url) {
  if (url.size() > 2048) return std::nullopt;
  for (const char c : url)
    if (c <= ' ' || c >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>' || c == '#')
      return std::nullopt;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Address address;
  address.scheme = lower(url.substr(0, colon));
  if (address.scheme != "https" && address.scheme != "http") return std::nullopt;
  const auto rest = url.substr(colon + 3);
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  if (!split_port(authority, address) || !is_host(address.host)) return std::nullopt;
  if (address.port == (address.scheme == "https" ? "443" : "80")) address.port.clear();
  address.path = rest.substr(slash);
  if (!address.path.starts_with('/')) address.path.insert(0, "/");
  return address;
}

bool is_loopback(const Address& address) {
  return address.host == "localhost" || address.host == "[::1]" ||
         (address.host.starts_with("127.") &&
          address.host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace vrm::brands
