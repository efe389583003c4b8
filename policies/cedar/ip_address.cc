#include "policies/cedar/ip_address.h"

#include <optional>

#include "policies/cedar/integer.h"

namespace cedar {

namespace {

constexpr std::size_t kLongestText = 43;  // eight groups of four, seven colons, a slash and 128

vrm::Error bad_address(std::string reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, std::move(reason)};
}

// At most `most_digits` digits without a leading zero, at most `most`.
std::optional<std::uint8_t> small_number(std::string_view text, std::size_t most_digits,
                                         std::int64_t most) {
  if (!all_digits(text) || text.size() > most_digits) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  const auto value = signed_number(text, false);
  if (!value || *value > most) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

bool read_v4(std::string_view text, std::array<std::uint8_t, 16>& out) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const auto octet = small_number(text.substr(0, dot), 3, 255);
    if (!octet) return false;
    out[i] = *octet;
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return true;
}

std::optional<unsigned> hex_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_digit && !is_letter) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

// Groups between single colons, written from `out[first * 2]` on; gives how many, nothing when one
// is malformed or there are more than `most`. No text is no group.
std::optional<std::size_t> read_groups(std::string_view text, std::size_t most,
                                       std::array<std::uint8_t, 16>& out) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = hex_group(text.substr(0, colon));
    if (!group || count == most) return std::nullopt;
    out[count * 2] = static_cast<std::uint8_t>(*group >> 8U);
    out[count * 2 + 1] = static_cast<std::uint8_t>(*group & 0xFFU);
    ++count;
    if (colon == std::string_view::npos) return count;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a colon with nothing behind it
  }
  return count;
}

bool read_v6(std::string_view text, std::array<std::uint8_t, 16>& out) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return read_groups(text, 8, out) == std::size_t{8};
  std::array<std::uint8_t, 16> tail{};
  const auto before = read_groups(text.substr(0, gap), 7, out);
  const auto after = read_groups(text.substr(gap + 2), 7, tail);
  if (!before || !after || *before + *after > 7) return false;
  for (std::size_t i = 0; i < *after * 2; ++i) out[16 - *after * 2 + i] = tail[i];
  return true;
}

// The first or last address of a range: host bits all zero, or all one.
std::array<std::uint8_t, 16> edge(std::array<std::uint8_t, 16> bytes, unsigned prefix,
                                  std::uint8_t host) {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = prefix <= i * 8 ? 0 : prefix - i * 8 >= 8 ? 8 : prefix - i * 8;
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> kept);
    bytes[i] =
        static_cast<std::uint8_t>((bytes[i] & mask) | (host & static_cast<std::uint8_t>(~mask)));
  }
  return bytes;
}

}  // namespace

vrm::Result<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > kLongestText)
    return bad_address("error parsing IP address from string: string length is too large");
  const bool v6 = text.find(':') != std::string_view::npos;
  if (v6 && text.find('.') != std::string_view::npos)
    return bad_address(
        "error parsing IP address from string: We do not accept IPv4 embedded in IPv6 (e.g., "
        "::ffff:127.0.0.1). Found: `" +
        std::string(text) + "`");
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const std::uint8_t longest = v6 ? 128 : 32;
  std::uint8_t prefix = longest;
  if (slash != std::string_view::npos) {
    const auto given = small_number(text.substr(slash + 1), v6 ? 3 : 2, longest);
    if (!given)
      return bad_address("error parsing prefix `" + std::string(text.substr(slash + 1)) + "`");
    prefix = *given;
  }
  Bytes bytes{};
  if (!(v6 ? read_v6(address, bytes) : read_v4(address, bytes)))
    return bad_address("invalid IP address: " + std::string(address));
  return IpAddress(v6 ? Family::V6 : Family::V4, bytes, prefix);
}

bool IpAddress::is_in_range(const IpAddress& range) const {
  if (family_ != range.family_) return false;
  return edge(bytes_, prefix_, 0) >= edge(range.bytes_, range.prefix_, 0) &&
         edge(bytes_, prefix_, 0xFF) <= edge(range.bytes_, range.prefix_, 0xFF);
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[0] == 127 && prefix_ >= 8;
  Bytes one{};
  one[15] = 1;
  return bytes_ == one && prefix_ == 128;
}

bool IpAddress::is_multicast() const {
  if (is_v4()) return (bytes_[0] & 0xF0U) == 0xE0 && prefix_ >= 4;
  return bytes_[0] == 0xFF && prefix_ >= 8;
}

std::string IpAddress::to_string() const {
  std::string out;
  if (is_v4()) {
    for (std::size_t i = 0; i < 4; ++i) out += (i > 0 ? "." : "") + std::to_string(bytes_[i]);
  } else {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i) {
      if (i > 0 && i % 2 == 0) out += ':';
      out += kHex[bytes_[i] >> 4U];
      out += kHex[bytes_[i] & 0xFU];
    }
  }
  return out + "/" + std::to_string(prefix_);
}

}  // namespace cedar
