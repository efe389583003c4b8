#pragma once
// The addresses that brands give: what their origin is, and whether two belong together.

#include <optional>
#include <string>
#include <string_view>

namespace vrm::brands {

struct Address {
  std::string scheme;  // https or http, lower case
  std::string host;    // lower case; an IPv6 literal keeps its brackets
  std::string port;    // "" when it is the scheme's own
  std::string path;    // from '/', with the query

  std::string origin() const;
  std::string host_and_port() const;
};

// Nothing: not an http or https address with a host; with a user, a fragment, a blank or a control character.
std::optional<Address> address_of(std::string_view url);

// True for localhost, 127.0.0.0/8 and ::1, by their spelling.
bool is_loopback(const Address& address);

}  // namespace vrm::brands
