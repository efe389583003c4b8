#pragma once
// What one brand got from the vault, byte for byte and decoded, and what two brands' captures have in common.
//
//   text        a message or an answer as it left; the header, the payload and the signature of each JWS in it
//   explained   a byte inside a piece of the list, or a base64url letter that stands for such a byte
//
// Nothing is explained because it is common: the list is written down before, with a reason for each piece.

#include <array>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/world.h"

namespace vrm::testing {

inline constexpr std::size_t kSharedBytes = 8;
// Of 8 equal bytes so many may be unexplained: what two names drawn apart begin or end with beside the same constant.
// That names of 64 letters agree in one more happens once in 2^36 comparisons.
inline constexpr std::size_t kByChance = 5;

// What two captures may have in common.
class Pieces {
 public:
  void add(const std::string& piece) {
    if (piece.empty()) return;
    if (piece.size() == 1) signs_[byte_at(piece, 0)] = 1;
    if (piece.size() < 2) return;
    auto& place = places_[beginning(piece, 0)];
    if (place == 0) {
      pieces_.emplace_back();
      place = static_cast<std::uint16_t>(pieces_.size());
    }
    pieces_[place - 1U].push_back(piece);
  }
  void add_all(const std::vector<std::string>& pieces) {
    for (const auto& piece : pieces) add(piece);
  }
  // A time that stands for itself: digits and the signs of a date, with none of them before or after.
  void add_time(std::string time) { times_.insert(std::move(time)); }
  // A text as it stands in JSON.
  void add_text(const std::string& text) { add(write_json(nlohmann::json(text))); }

  // 1 for each byte of `text` that lies in a piece.
  std::vector<char> cover(const std::string& text) const {
    std::vector<char> covered(text.size(), 0);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (signs_[byte_at(text, at)] != 0) covered[at] = 1;
      if (at + 1 == text.size()) break;
      const std::size_t place = places_[beginning(text, at)];
      if (place == 0) continue;
      for (const auto& piece : pieces_[place - 1])
        if (text.compare(at, piece.size(), piece) == 0)
          std::memset(covered.data() + at, 1, piece.size());
    }
    cover_times(text, covered);
    return covered;
  }

 private:
  static std::size_t byte_at(const std::string& text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
  }
  static std::size_t beginning(const std::string& text, std::size_t at) {
    return byte_at(text, at) * 256 + byte_at(text, at + 1);
  }
  void cover_times(const std::string& text, std::vector<char>& covered) const {
    constexpr std::string_view kDigits = "0123456789";
    for (auto at = text.find_first_of(kDigits); at < text.size();) {
      const auto end = std::min(text.find_first_not_of("0123456789-:.TZ", at), text.size());
      if (times_.contains(text.substr(at, end - at))) std::memset(covered.data() + at, 1, end - at);
      at = text.find_first_of(kDigits, end);
    }
  }

  std::vector<std::vector<std::string>> pieces_;  // those that begin with the same two bytes
  std::vector<std::uint16_t> places_ = std::vector<std::uint16_t>(65'536);  // in pieces_, + 1
  std::array<char, 256> signs_{};                                           // pieces of one byte
  std::set<std::string> times_;
};

// Where a compact JWS stands in a text.
struct FoundJws {
  std::size_t begin = 0, first_dot = 0, second_dot = 0, end = 0;
};

inline std::vector<FoundJws> find_jws(std::string_view text) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t kSignatureLetters = 86;
  const auto run_from = [&](std::size_t at) {
    return std::min(text.find_first_not_of(kLetters, at), text.size());
  };
  std::vector<FoundJws> all;
  for (std::size_t at = text.find("eyJ"); at < text.size(); at = text.find("eyJ", at)) {
    FoundJws jws{.begin = at, .first_dot = run_from(at)};
    at = jws.first_dot;
    if (at >= text.size() || text[at] != '.') continue;
    jws.second_dot = run_from(at + 1);
    if (jws.second_dot >= text.size() || text[jws.second_dot] != '.') continue;
    jws.end = run_from(jws.second_dot + 1);
    if (jws.end - jws.second_dot - 1 != kSignatureLetters) continue;
    all.push_back(jws);
    at = jws.end;
  }
  return all;
}

struct CapturedText {
  std::string what;
  std::string bytes;
  std::vector<char> explained;  // filled in by explain()
  bool is_random = false;       // a signature
};

class Capture {
 public:
  // A text and what is encoded in it.
  void add(const std::string& what, const std::string& bytes) {
    texts_.push_back({what, bytes, {}});
    for (const auto& jws : find_jws(bytes)) {
      const auto part = [&](std::size_t from, std::size_t to) {
        return text_of(must(from_base64url(std::string_view(bytes).substr(from, to - from))));
      };
      texts_.push_back({what + ", JWS header", part(jws.begin, jws.first_dot), {}});
      texts_.push_back({what + ", JWS payload", part(jws.first_dot + 1, jws.second_dot), {}});
      texts_.push_back({what + ", signature", part(jws.second_dot + 1, jws.end), {}, true});
    }
  }

  const std::vector<CapturedText>& texts() const { return texts_; }

  // The first text that has `bytes`; null for none.
  const CapturedText* find(std::string_view bytes) const {
    for (const auto& text : texts_)
      if (text.bytes.find(bytes) != text.bytes.npos) return &text;
    return nullptr;
  }

  void explain(const Pieces& pieces) {
    for (auto& text : texts_) {
      if (text.is_random) {
        text.explained.assign(text.bytes.size(), 0);
        continue;
      }
      text.explained = pieces.cover(text.bytes);
      for (const auto& jws : find_jws(text.bytes)) {
        explain_encoded(text, jws.begin, jws.first_dot, pieces);
        explain_encoded(text, jws.first_dot + 1, jws.second_dot, pieces);
        text.explained[jws.first_dot] = text.explained[jws.second_dot] = 1;
      }
    }
  }

 private:
  // A letter is explained when it has a bit of an explained byte: at either end of a drawn name that gives away less
  // than a letter.
  static void explain_encoded(CapturedText& text, std::size_t from, std::size_t to,
                              const Pieces& pieces) {
    const auto encoded = std::string_view(text.bytes).substr(from, to - from);
    const auto covered = pieces.cover(text_of(must(from_base64url(encoded))));
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const std::size_t first = std::min(6 * i / 8, covered.size() - 1);
      const std::size_t last = std::min((6 * i + 5) / 8, covered.size() - 1);
      text.explained[from + i] = covered[first] != 0 || covered[last] != 0 ? 1 : 0;
    }
  }

  std::vector<CapturedText> texts_;
};

// A number that stands for itself, not in a longer one.
inline bool has_number(const std::string& text, const std::string& number) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (auto at = text.find(number); at != text.npos; at = text.find(number, at + 1)) {
    const auto end = at + number.size();
    if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end])))
      return true;
  }
  return false;
}

// The sequences of 8 bytes that a capture has.
class Sequences {
 public:
  explicit Sequences(const Capture& capture) {
    std::size_t bytes = 0;
    for (const auto& text : capture.texts()) bytes += text.bytes.size();
    std::size_t slots = 64;
    while (slots < 2 * bytes) slots *= 2;
    slots_.assign(slots, 0);
    for (const auto& text : capture.texts())
      for (std::size_t at = 0; at + kSharedBytes <= text.bytes.size(); ++at)
        slots_[place_of(sequence_at(text.bytes, at))] = sequence_at(text.bytes, at);
  }

  static std::uint64_t sequence_at(const std::string& text, std::size_t at) {
    std::uint64_t sequence = 0;
    static_assert(sizeof(sequence) == kSharedBytes);
    std::memcpy(&sequence, text.data() + at, sizeof(sequence));
    return sequence;
  }
  bool has(std::uint64_t sequence) const {
    return slots_[place_of(sequence)] == sequence && sequence != 0;
  }

 private:
  std::size_t place_of(std::uint64_t sequence) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = ((sequence * 0x9E3779B97F4A7C15U) >> 20U) & mask;
    while (slots_[at] != 0 && slots_[at] != sequence) at = (at + 1) & mask;
    return at;
  }

  std::vector<std::uint64_t> slots_;  // 0: free; no text of ours has eight zero bytes
};

// A longest sequence that a text has in common with another capture.
struct Common {
  std::size_t end = 0;  // in the text
  std::string words;
};
inline Common common_through(const CapturedText& text, std::size_t at, const Capture& other) {
  std::size_t from = at, to = at + kSharedBytes;
  const auto is_common = [&](std::size_t begin, std::size_t end) {
    return other.find(std::string_view(text.bytes).substr(begin, end - begin)) != nullptr;
  };
  while (from > 0 && is_common(from - 1, to)) --from;
  while (to < text.bytes.size() && is_common(from, to + 1)) ++to;
  const std::string common = text.bytes.substr(from, to - from);
  std::string shown;
  for (const char c : common) shown += c >= ' ' && c <= '~' ? c : '?';
  return {to, "`" + shown + "` (" + std::to_string(common.size()) + " bytes) in \"" + text.what +
                  "\" and in \"" + other.find(common)->what + "\""};
}

// What `one` has in common with `other` beyond the list, seen from `one`; the first few. REQUIRES: `one` is explained,
// `others` are the sequences of `other`.
inline std::vector<std::string> shared_with(const Capture& one, const Sequences& others,
                                            const Capture& other) {
  constexpr std::size_t kMostShown = 3;
  std::vector<std::string> shared;
  for (const auto& text : one.texts()) {
    const std::size_t size = text.bytes.size();
    std::size_t unexplained = 0, told = 0;
    for (std::size_t end = 1; end <= size; ++end) {
      if (text.explained[end - 1] == 0) ++unexplained;
      if (end > kSharedBytes && text.explained[end - 1 - kSharedBytes] == 0) --unexplained;
      if (end < kSharedBytes || end <= told || unexplained <= kByChance) continue;
      const std::size_t at = end - kSharedBytes;
      if (!others.has(Sequences::sequence_at(text.bytes, at))) continue;
      const Common common = common_through(text, at, other);
      shared.push_back(common.words);
      if (shared.size() == kMostShown) return shared;
      told = common.end;
    }
  }
  return shared;
}

}  // namespace vrm::testing
