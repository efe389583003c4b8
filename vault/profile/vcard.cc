#include "vault/profile/vcard.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/text.h"
#include "vault/profile/refusals.h"
#include "vault/profile/transfer_text.h"

namespace vrm::profile {

namespace {

constexpr std::size_t kMaxProblems = 200;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// The first `wanted` outside double quotes, or the end.
std::size_t find_unquoted(std::string_view text, char wanted, std::size_t from = 0) {
  bool quoted = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == wanted && !quoted) return i;
  }
  return text.size();
}

// A line of the format, unfolded; of several lines of the file.
struct Line {
  std::string text;
  std::size_t number = 0;
  bool too_long = false;

  bool is_quoted_printable() const {
    const std::string head = upper(std::string_view(text).substr(0, find_unquoted(text, ':')));
    return head.find(";ENCODING=QUOTED-PRINTABLE") != std::string::npos ||
           head.find(";QUOTED-PRINTABLE") != std::string::npos;
  }
};

// Gives the unfolded lines of a text one by one.
class Unfolder {
 public:
  explicit Unfolder(std::string_view text) : rest_(text) {}

  std::optional<Line> next() {
    auto first = next_physical();
    while (first && first->empty()) first = next_physical();
    if (!first) return std::nullopt;
    Line line{std::string(*first), number_};
    quoted_printable_.reset();
    while (take_continuation(line)) {
    }
    if (line.text.size() > kMaxVcardLineBytes) line.too_long = true;
    return line;
  }

 private:
  bool take_continuation(Line& line) {
    const auto ahead = peek_physical();
    if (!ahead) return false;
    const bool folded = ahead->starts_with(' ') || ahead->starts_with('\t');
    const bool soft = line.text.ends_with('=') && !same_but_case(*ahead, "END:VCARD") &&
                      is_quoted_printable(line);
    if (!folded && !soft) return false;
    if (soft) line.text.pop_back();
    const auto more = soft ? *ahead : ahead->substr(1);
    if (line.text.size() <= kMaxVcardLineBytes) line.text += more;
    next_physical();
    return true;
  }

  // Asked once a line, when the head is whole: it is before the first soft break.
  bool is_quoted_printable(const Line& line) {
    if (!quoted_printable_) quoted_printable_ = line.is_quoted_printable();
    return *quoted_printable_;
  }

  std::optional<std::string_view> peek_physical() const {
    if (rest_.empty()) return std::nullopt;
    return rest_.substr(0, std::min(rest_.find_first_of("\r\n"), rest_.size()));
  }

  std::optional<std::string_view> next_physical() {
    const auto line = peek_physical();
    if (!line) return std::nullopt;
    rest_.remove_prefix(line->size());
    // \n, \r\n and the \r\r\n of some exports; or \r alone.
    if (rest_.starts_with("\r\r\n"))
      rest_.remove_prefix(3);
    else
      rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : rest_.empty() ? 0 : 1);
    ++number_;
    return line;
  }

  std::string_view rest_;
  std::size_t number_ = 0;
  std::optional<bool> quoted_printable_;
};

// A parameter without a name, as 2.1 has them.
std::string_view name_of_bare(std::string_view value) {
  for (const auto* encoding : {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"})
    if (same_but_case(value, encoding)) return "ENCODING";
  return "TYPE";
}

// ;name=value,"value" of the head of a line. Nothing: not of that shape.
bool read_parameter(std::string_view text, VcardProperty& property) {
  const auto equals = find_unquoted(text, '=');
  if (equals == text.size()) {
    property.parameters.emplace_back(name_of_bare(text), text);
    return !text.empty();
  }
  const std::string name = upper(text.substr(0, equals));
  if (!is_token(name)) return false;
  for (std::size_t at = equals + 1; at <= text.size();) {
    const auto end = find_unquoted(text, ',', at);
    std::string_view value = text.substr(at, end - at);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (value.find('"') != std::string_view::npos) return false;
    property.parameters.emplace_back(name, from_rfc6868(value));
    at = end + 1;
  }
  return true;
}

// group.NAME;parameters:value, the value as it stands. Nothing: not of that shape.
std::optional<VcardProperty> read_property(const Line& line) {
  const std::string_view text = line.text;
  const auto colon = find_unquoted(text, ':');
  if (colon == text.size()) return std::nullopt;
  VcardProperty property;
  property.line = line.number;
  property.value = text.substr(colon + 1);
  std::string_view head = text.substr(0, colon);
  std::string_view name = head.substr(0, find_unquoted(head, ';'));
  head.remove_prefix(name.size());
  const auto dot = name.find('.');
  if (dot != std::string_view::npos) {
    property.group = name.substr(0, dot);
    name.remove_prefix(dot + 1);
  }
  if (!is_token(name) || (dot != std::string_view::npos && !is_token(property.group)))
    return std::nullopt;
  property.name = upper(name);
  while (!head.empty()) {
    const auto end = find_unquoted(head, ';', 1);
    if (!read_parameter(head.substr(1, end - 1), property)) return std::nullopt;
    head.remove_prefix(end);
  }
  return property;
}

bool is_binary(const VcardProperty& property) {
  if (property.name == "PHOTO" || property.name == "LOGO" || property.name == "SOUND" ||
      property.name == "KEY")
    return true;
  const auto encoding = property.parameter("ENCODING");
  return same_but_case(encoding, "B") || same_but_case(encoding, "BASE64");
}

Error line_refusal(std::string key, std::string_view name) {
  return owners_refusal(ErrorCode::Malformed, std::move(key), {{"property", printable(name, 40)}});
}

// Undoes the transfer encoding and makes the value UTF-8.
Result<void> decode(VcardProperty& property) {
  if (is_binary(property)) {
    property.value.clear();  // nothing here keeps pictures
    return {};
  }
  if (same_but_case(property.parameter("ENCODING"), "QUOTED-PRINTABLE")) {
    auto plain = from_quoted_printable(property.value);
    if (!plain) return line_refusal("profile.import_bad_encoding", property.name);
    property.value = std::move(*plain);
  }
  auto text = to_utf8(property.value, property.parameter("CHARSET"));
  if (!text) return line_refusal("profile.import_not_utf8", property.name);
  property.value = std::move(*text);
  return {};
}

class Reader {
 public:
  explicit Reader(std::string_view text) : unfolder_(text) {}

  Result<VcardFile> read() {
    while (const auto line = unfolder_.next()) TRY(take(*line));
    if (open_) problem(open_->line, "profile.import_no_end");
    if (file_.cards.empty()) return owners_refusal(ErrorCode::Malformed, "profile.import_no_card");
    return std::move(file_);
  }

 private:
  Result<void> take(const Line& line) {
    std::string_view text = line.text;
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    if (same_but_case(text, "BEGIN:VCARD")) return begin(line);
    if (same_but_case(text, "END:VCARD")) return end();
    if (inner_ > 0 || text.empty()) return {};
    if (!open_)
      problem(line.number, "profile.import_bad_line");
    else
      take_property(line);
    return {};
  }

  Result<void> begin(const Line& line) {
    const bool agent =
        open_ && !open_->properties.empty() && open_->properties.back().name == "AGENT";
    if (inner_ > 0 || agent) {
      ++inner_;
      return {};
    }
    if (open_) problem(open_->line, "profile.import_no_end");
    open_.emplace();
    open_->line = line.number;
    if (file_.cards.size() < kMaxCards) return {};
    return owners_refusal(ErrorCode::Malformed, "profile.import_too_many_cards",
                          {{"most", std::to_string(kMaxCards)}});
  }

  Result<void> end() {
    if (inner_ > 0) {
      --inner_;
      return {};
    }
    if (open_) file_.cards.push_back(std::move(*open_));
    open_.reset();
    return {};
  }

  void take_property(const Line& line) {
    auto property = read_property(line);
    if (!property) return problem(line.number, "profile.import_bad_line");
    if (line.too_long && !is_binary(*property))
      return problem(line.number, "profile.import_line_too_long");
    auto decoded = decode(*property);
    if (!decoded.ok()) return problem(line.number, std::move(decoded).error());
    if (property->name == "VERSION") open_->version = property->value;
    if (open_->properties.size() == kMaxCardProperties)
      return problem(line.number, "profile.import_card_too_long");
    open_->properties.push_back(std::move(*property));
  }

  void problem(std::size_t line, std::string key) {
    problem(line, owners_refusal(ErrorCode::Malformed, std::move(key)));
  }
  void problem(std::size_t line, Error what) {
    if (file_.problems.size() < kMaxProblems)
      file_.problems.push_back({line, file_.cards.size(), std::move(what)});
  }

  Unfolder unfolder_;
  VcardFile file_;
  std::optional<Vcard> open_;
  std::size_t inner_ = 0;  // cards inside the open one, which are passed over
};

// Cut at every `separator` that has no backslash before it.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == separator) {
      out.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  out.push_back(text.substr(begin));
  return out;
}

}  // namespace

bool VcardProperty::has_type(std::string_view type) const {
  for (const auto& [own, values] : parameters) {
    if (own != "TYPE") continue;
    std::string_view rest =
        values;  // TYPE="work,voice" is one value by the letter, and two by its meaning
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      if (same_but_case(rest.substr(0, end), type)) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

std::string_view VcardProperty::parameter(std::string_view wanted) const {
  for (const auto& [own, text] : parameters)
    if (own == wanted) return text;
  return {};
}

std::string Vcard::display_name() const {
  for (const auto* wanted : {"FN", "N", "ORG", "EMAIL"}) {
    for (const auto& property : properties) {
      if (property.name != wanted) continue;
      std::string name;
      const auto parts = components(property.value, version);
      if (property.name == "N" && parts.size() > 1)
        name = parts[1] + " " + parts[0];
      else
        name = property.name == "FN" ? unescape(property.value) : parts[0];
      const auto shown = trimmed(name);
      if (!shown.empty()) return std::string(shown);
    }
  }
  return {};
}

Result<VcardFile> read_vcards(std::string_view text) {
  return Reader(text).read();
}

std::string unescape(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
      continue;
    }
    const char next = value[++i];
    out += next == 'n' || next == 'N' ? '\n' : next;
  }
  return out;
}

std::vector<std::string> components(std::string_view value, std::string_view version) {
  std::vector<std::string> out;
  for (const auto component : split_unescaped(value, ';')) {
    if (version == "2.1") {
      out.emplace_back(trimmed(unescape(component)));
      continue;
    }
    std::string joined;
    for (const auto one : split_unescaped(component, ',')) {
      const std::string plain = unescape(one);
      const auto text = trimmed(plain);
      if (!text.empty()) joined.append(joined.empty() ? "" : ", ").append(text);
    }
    out.push_back(std::move(joined));
  }
  return out;
}

}  // namespace vrm::profile
