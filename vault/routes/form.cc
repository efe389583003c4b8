#include "vault/routes/form.h"

#include <optional>

#include "vault/base/text.h"

namespace vrm::routes {

namespace {

constexpr std::size_t kMostNameScalars = 40;

Error wrong(const std::string& what) {
  return Error{ErrorCode::Malformed, "not a form: " + what};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '+' ? ' ' : text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return is_utf8(out) ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

}  // namespace

Result<std::map<std::string, std::string, std::less<>>> read_form(std::string_view text) {
  std::map<std::string, std::string, std::less<>> form;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return wrong("an encoding that is none");
    if (name->empty()) return wrong("a field without a name");
    if (form.size() == kMostFormFields) return wrong("too many fields");
    if (form.contains(*name)) return wrong("`" + printable(*name, kMostNameScalars) + "` twice");
    form.emplace(std::move(*name), std::move(*value));
  }
  return form;
}

}  // namespace vrm::routes
