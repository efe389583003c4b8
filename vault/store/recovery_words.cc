#include "vault/store/recovery_words.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "vault/base/check.h"
#include "vault/base/embed.h"
#include "vault/crypto/sha256.h"

VRM_DECLARE_EMBEDDED(vault_store_bip39_english_txt);

namespace vrm::store {

namespace {

constexpr std::size_t kListSize = 2048;
constexpr std::size_t kBitsOfWord = 11;
constexpr std::size_t kTellsApart = 4;
constexpr std::size_t kLongestWord = 8;

using List = std::array<std::string_view, kListSize>;
using Indices = std::array<std::uint16_t, kRecoveryWords>;

// In the order of the alphabet, as BIP-39 has it.
List read_list() {
  List list;
  std::string_view text = VRM_EMBEDDED(vault_store_bip39_english_txt);
  for (std::string_view& word : list) {
    const auto end = text.find('\n');
    VRM_CHECK(end != text.npos && end <= kLongestWord);
    word = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  VRM_CHECK(text.empty() && std::ranges::is_sorted(list));
  return list;
}

const List& list() {
  static const List words = read_list();
  return words;
}

// The bytes and behind them their checksum: 17 bytes, of which 132 bits count.
crypto::Secret with_checksum(BytesView bytes) {
  crypto::Secret out = crypto::Secret::zeros(kRecoveryBytes + 1);
  std::ranges::copy(bytes, out.writable().begin());
  crypto::Sha256 sum = crypto::sha256(bytes);
  out.writable()[kRecoveryBytes] = sum[0] & 0xF0U;
  crypto::wipe(sum);
  return out;
}

bool bit_at(BytesView bytes, std::size_t at) {
  return ((static_cast<unsigned>(bytes[at / 8]) >> (7 - at % 8)) & 1U) != 0;
}

bool is_letter(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

// The letters of one word, lower case; longer ones are cut where no word of the list is as long.
struct Token {
  std::array<char, kLongestWord + 1> letters{};
  std::size_t size = 0;
  std::string_view text() const { return {letters.data(), size}; }
};

// Where the word stands in the list, or kListSize.
std::size_t index_of(std::string_view word) {
  const auto found = std::ranges::lower_bound(list(), word);
  if (found == list().end()) return kListSize;
  const bool is_start = word.size() >= kTellsApart && found->starts_with(word);
  if (*found != word && !is_start) return kListSize;
  return static_cast<std::size_t>(found - list().begin());
}

Error unknown_word(std::size_t n) {
  return refusal(ErrorCode::Malformed, "recovery.unknown_word", {{"n", std::to_string(n)}});
}

// Takes the words one by one, wiping each.
Result<void> read_words(BytesView typed, Indices& indices) {
  std::size_t count = 0;
  std::size_t unknown = 0;  // the first such word
  for (std::size_t at = 0; at < typed.size();) {
    Token token;
    for (; at < typed.size() && is_letter(typed[at]); ++at) {
      const auto c = static_cast<char>(typed[at] | 0x20U);
      if (token.size < token.letters.size()) token.letters[token.size++] = c;
    }
    if (token.size == 0) {
      ++at;
      continue;
    }
    const std::size_t index = index_of(token.text());
    crypto::wipe({reinterpret_cast<std::uint8_t*>(token.letters.data()), token.letters.size()});
    if (index == kListSize && unknown == 0) unknown = count + 1;
    if (count < kRecoveryWords && index < kListSize)
      indices[count] = static_cast<std::uint16_t>(index);
    ++count;
  }
  if (count != kRecoveryWords)
    return refusal(ErrorCode::Malformed, "recovery.count", {{"n", std::to_string(count)}});
  if (unknown != 0) return unknown_word(unknown);
  return {};
}

}  // namespace

crypto::Secret words_of(const crypto::Secret& bytes) {
  VRM_CHECK(bytes.bytes().size() == kRecoveryBytes);
  const crypto::Secret bits = with_checksum(bytes.bytes());
  crypto::Secret text = crypto::Secret::zeros(kRecoveryWords * (kLongestWord + 1));
  std::size_t size = 0;
  for (std::size_t n = 0; n < kRecoveryWords; ++n) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < kBitsOfWord; ++i)
      index = index * 2 + (bit_at(bits.bytes(), n * kBitsOfWord + i) ? 1 : 0);
    if (n > 0) text.writable()[size++] = ' ';
    for (const char c : list()[index]) text.writable()[size++] = static_cast<std::uint8_t>(c);
  }
  return crypto::Secret::copy_of(text.bytes().first(size));
}

Result<crypto::Secret> bytes_from_words(const crypto::Secret& typed) {
  Indices indices{};
  const auto read = read_words(typed.bytes(), indices);
  crypto::Secret bits = crypto::Secret::zeros(kRecoveryBytes + 1);
  for (std::size_t at = 0; at < kRecoveryWords * kBitsOfWord; ++at) {
    const unsigned word = indices[at / kBitsOfWord];
    const unsigned bit = word >> (kBitsOfWord - 1 - at % kBitsOfWord) & 1U;
    bits.writable()[at / 8] |= static_cast<std::uint8_t>(bit << (7 - at % 8));
  }
  crypto::wipe({reinterpret_cast<std::uint8_t*>(indices.data()), sizeof(indices)});
  TRY(read);
  const BytesView bytes = bits.bytes().first(kRecoveryBytes);
  if (!with_checksum(bytes).equals(bits.bytes()))
    return refusal(ErrorCode::Malformed, "recovery.checksum");
  return crypto::Secret::copy_of(bytes);
}

}  // namespace vrm::store
