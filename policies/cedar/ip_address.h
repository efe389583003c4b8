#pragma once
// Cedar's ipaddr: one IPv4 or IPv6 address, or a range of them in CIDR form.
//
// The address is kept as written: 10.0.0.5/24 and 10.0.0.0/24 are the same range and not equal.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

class IpAddress {
 public:
  // Malformed: leading zeros, IPv4 written inside IPv6, a zone, a prefix too long, or any other
  // shape.
  static vrm::Result<IpAddress> parse(std::string_view text);

  bool is_v4() const { return family_ == Family::V4; }
  bool is_v6() const { return family_ == Family::V6; }
  // Whether the whole range is 127.0.0.0/8 or ::1, or 224.0.0.0/4 or ff00::/8, or lies inside
  // `range`.
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_in_range(const IpAddress& range) const;

  // Always with the prefix; IPv6 in full, as eight groups.
  std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  enum class Family : std::uint8_t { V4, V6 };
  using Bytes = std::array<std::uint8_t, 16>;

  IpAddress(Family family, Bytes bytes, std::uint8_t prefix)
      : family_(family), prefix_(prefix), bytes_(bytes) {}

  Family family_;
  std::uint8_t prefix_;  // bits
  Bytes bytes_;          // an IPv4 address takes the first four, zeros follow
};

}  // namespace cedar
