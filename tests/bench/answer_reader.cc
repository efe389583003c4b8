#include "tests/bench/answer_reader.h"

#include <strings.h>

#include <charconv>

namespace vrm::bench {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kLength = "\r\ncontent-length:";

// The value of Content-Length in a head, or npos.
std::size_t length_in(std::string_view head) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at);
    if (line.size() < kLength.size() ||
        ::strncasecmp(line.data(), kLength.data(), kLength.size()) != 0) {
      continue;
    }
    std::string_view digits = line.substr(kLength.size());
    while (digits.starts_with(' ')) digits.remove_prefix(1);
    std::size_t length = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
    return failed == std::errc() ? length : std::string_view::npos;
  }
  return std::string_view::npos;
}

}  // namespace

AnswerReader::State AnswerReader::take(std::string_view bytes) {
  bytes_.append(bytes);
  if (head_ == 0) {
    const std::size_t blank = bytes_.find("\r\n\r\n");
    if (blank == std::string::npos) return State::Partial;
    head_ = blank + 4;
    if (!read_head()) return State::Broken;
  }
  if (bytes_.size() < head_ + body_) return State::Partial;
  // Nothing was asked, so nothing may follow.
  return bytes_.size() == head_ + body_ ? State::Complete : State::Broken;
}

bool AnswerReader::read_head() {
  const std::string_view head = std::string_view(bytes_).substr(0, head_);
  if (!head.starts_with(kVersion)) return false;
  const std::string_view rest = head.substr(kVersion.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), status_);
  body_ = status_ == 204 ? 0 : length_in(head);
  return status_ >= 200 && body_ != std::string_view::npos;
}

void AnswerReader::start_next() {
  bytes_.clear();
  head_ = body_ = 0;
  status_ = 0;
}

std::string_view AnswerReader::body() const {
  return std::string_view(bytes_).substr(head_);
}

}  // namespace vrm::bench
