#include "vault/outbound/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "vault/base/ascii.h"

namespace vrm::outbound {

namespace {

constexpr std::size_t kMaxUrlBytes = 2048;

struct Block {
  std::array<std::uint8_t, 16> start;
  unsigned bits;
};

// IANA special-purpose registries (IPv4), and what is not unicast.
constexpr std::array kInsideV4{
    Block{{0}, 8},
    Block{{10}, 8},
    Block{{100, 64}, 10},
    Block{{127}, 8},
    Block{{169, 254}, 16},
    Block{{172, 16}, 12},
    Block{{192, 0, 0}, 24},
    Block{{192, 0, 2}, 24},
    Block{{192, 88, 99}, 24},
    Block{{192, 168}, 16},
    Block{{198, 18}, 15},
    Block{{198, 51, 100}, 24},
    Block{{203, 0, 113}, 24},
    Block{{224}, 4},
    Block{{240}, 4},
};

constexpr Block kGlobalV6{{0x20}, 3};
constexpr Block kNat64{{0x00, 0x64, 0xff, 0x9b}, 96};

// What lies within 2000::/3 and is not for everybody: protocol assignments with Teredo,
// documentation, 6to4.
constexpr std::array kInsideV6{
    Block{{0x20, 0x01}, 23},
    Block{{0x20, 0x01, 0x0d, 0xb8}, 32},
    Block{{0x20, 0x02}, 16},
    Block{{0x3f, 0xff}, 20},
};

bool lies_in(const Address& address, const Block& block) {
  for (unsigned bit = 0; bit < block.bits; bit += 8) {
    const unsigned left = std::min(8U, block.bits - bit);
    const unsigned mask = (0xff00U >> left) & 0xffU;
    if ((address.bytes[bit / 8] & mask) != (block.start[bit / 8] & mask)) return false;
  }
  return true;
}

bool in_any(const Address& address, std::span<const Block> blocks) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const Block& block) { return lies_in(address, block); });
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_digit(c) || is_lower(c) || c == '-'; });
}

// Two labels at least, and a last one with a letter first: `127.1`, `0x7f.1` and `2130706433` are
// no names.
bool is_public_name(std::string_view host) {
  constexpr std::array<std::string_view, 10> kInside{
      "localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion", "test"};
  if (host.size() > 253) return false;
  std::string_view last;
  std::size_t labels = 0;
  for (std::size_t at = 0; at <= host.size();) {
    const std::size_t end = std::min(host.find('.', at), host.size());
    last = host.substr(at, end - at);
    if (!is_label(last)) return false;
    ++labels;
    at = end + 1;
  }
  return labels >= 2 && is_lower(last.front()) && last.size() >= 2 &&
         std::find(kInside.begin(), kInside.end(), last) == kInside.end();
}

// What may stand behind the authority: no blank, control, byte above 127, backslash or fragment.
bool is_rest(std::string_view rest) {
  constexpr std::string_view kAllowed = "-._~!$&'()*+,;=:@/?%";
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (!is_digit(c) && !is_lower(lower(c)) && kAllowed.find(c) == std::string_view::npos) {
      return false;
    }
    const auto is_hex = [](char d) { return is_digit(d) || (lower(d) >= 'a' && lower(d) <= 'f'); };
    if (c == '%' && (i + 2 >= rest.size() || !is_hex(rest[i + 1]) || !is_hex(rest[i + 2]))) {
      return false;
    }
  }
  return true;
}

Error malformed() {
  return refusal(ErrorCode::Malformed, "outbound.url_malformed");
}

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
  bool bracketed = false;
};

Result<Authority> split_authority(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    return refusal(ErrorCode::Denied, "outbound.url_with_user");
  }
  Authority made;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return malformed();
    made.host = text.substr(1, end - 1);
    made.bracketed = true;
    port = text.substr(end + 1);
    has_port = !port.empty();
    if (has_port && port.front() != ':') return malformed();
    if (has_port) port.remove_prefix(1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    made.host = text.substr(0, colon);
    has_port = colon < text.size();
    if (has_port) port = text.substr(colon + 1);
  }
  made.host = lower(made.host);
  if (!has_port) return made;
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || port.front() == '0') {
    return malformed();
  }
  made.port = number;
  return made;
}

}  // namespace

std::optional<Address> address_from_text(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  Address made;
  if (::inet_pton(AF_INET, copy.c_str(), made.bytes.data()) == 1) return made;
  made.family = Address::Family::V6;
  if (::inet_pton(AF_INET6, copy.c_str(), made.bytes.data()) == 1) return made;
  return std::nullopt;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const int family = address.family == Address::Family::V4 ? AF_INET : AF_INET6;
  (void)::inet_ntop(family, address.bytes.data(), text, sizeof text);
  return text;
}

bool is_public(const Address& address) {
  if (address.family == Address::Family::V4) return !in_any(address, kInsideV4);
  if (lies_in(address, kNat64)) {
    Address inner;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), inner.bytes.begin());
    return is_public(inner);
  }
  return lies_in(address, kGlobalV6) && !in_any(address, kInsideV6);
}

bool is_loopback(const Address& address) {
  if (address.family == Address::Family::V4) return address.bytes[0] == 127;
  Address one{Address::Family::V6, {}};
  one.bytes[15] = 1;
  return address == one;
}

Result<Url> check_url(std::string_view text, const UrlRules& rules) {
  if (text.size() > kMaxUrlBytes) return malformed();
  Url url;
  url.text = text;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://") && rules.allow_loopback) {
    rest.remove_prefix(7);
    url.tls = false;
    url.port = 80;
  } else {
    return refusal(ErrorCode::Denied, "outbound.url_not_https");
  }
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view behind = rest.substr(end);
  if (behind.find('#') != std::string_view::npos) {
    return refusal(ErrorCode::Denied, "outbound.url_with_fragment");
  }
  // Programs disagree where a host ends when a '?' follows it.
  if (behind.starts_with('?') || !is_rest(behind)) return malformed();
  const auto authority = TRY(split_authority(rest.substr(0, end)));
  url.host = authority.host;
  url.literal = address_from_text(url.host);
  const bool bracketed = url.literal && url.literal->family == Address::Family::V6;
  if (authority.bracketed != bracketed) return malformed();
  if (rules.allow_loopback &&
      (url.host == "localhost" || (url.literal && is_loopback(*url.literal)))) {
    url.port = authority.port.value_or(url.port);
    return url;
  }
  if (!url.tls) return refusal(ErrorCode::Denied, "outbound.url_not_https");
  if (url.literal || !is_public_name(url.host)) {
    return refusal(ErrorCode::Denied, "outbound.host_not_public");
  }
  url.port = authority.port.value_or(url.port);
  if (std::find(rules.ports.begin(), rules.ports.end(), url.port) == rules.ports.end()) {
    return refusal(ErrorCode::Denied, "outbound.port_not_allowed",
                   {{"host", url.host}, {"port", std::to_string(url.port)}});
  }
  return url;
}

}  // namespace vrm::outbound
