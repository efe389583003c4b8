#pragma once
// Where an outgoing call may go: the form of the URL, and the address behind its name.
//
// URLs come from brands, so they are the handle by which a stranger would reach into the owner's
// machine or home network. Only one spelling of a URL passes, and only addresses of the public
// internet.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::outbound {

// An IPv4 or IPv6 address, in network order; an IPv4 address fills the first four bytes.
struct Address {
  enum class Family { V4, V6 };
  Family family = Family::V4;
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Address&, const Address&) = default;
};

// Numeric text of one spelling (inet_pton). Nothing: anything else.
std::optional<Address> address_from_text(std::string_view text);
std::string to_text(const Address& address);

// True for an address of the public internet. False for everything a stranger could mean the inside
// by: private, shared, loopback, link-local, multicast, reserved, documentation; mapped, 6to4 and
// Teredo forms; NAT64 forms of a private address.
bool is_public(const Address& address);
bool is_loopback(const Address& address);

struct Url {
  bool tls = true;
  std::string host;  // lower case; of an IPv6 address without brackets
  std::uint16_t port = 443;
  std::optional<Address> literal;  // the host is an address: only loopback, only where allowed
  std::string text;                // the whole URL as given
};

struct UrlRules {
  std::vector<std::uint16_t> ports = {443};
  bool allow_loopback = false;  // http and https to 127.0.0.1, [::1] and localhost, any port
};

// Denied: a scheme, port, user, fragment or host that no brand's URL may have.
// Malformed: not a URL in its one spelling.
Result<Url> check_url(std::string_view text, const UrlRules& rules);

}  // namespace vrm::outbound
