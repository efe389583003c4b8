#include "vault/base/json.h"

#include <nlohmann/json.hpp>

#include "vault/base/text.h"

namespace vrm {

namespace {

using nlohmann::json;

Error malformed(std::string reason) {
  return Error{ErrorCode::Malformed, "not the JSON expected: " + std::move(reason)};
}

// Builds the value while it checks it, so that nothing unchecked is ever walked, copied or freed recursively.
class StrictBuilder final : public nlohmann::json_sax<json> {
 public:
  explicit StrictBuilder(JsonLimits limits) : most_levels_(limits.depth), nul_(limits.nul) {}

  bool null() override { return put(json(nullptr)); }
  bool boolean(bool value) override { return put(json(value)); }
  bool number_integer(number_integer_t value) override { return put(json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return stop("a number beyond int64");
    return put(json(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t, const string_t&) override {
    return stop("a number that is not an integer");
  }
  bool string(string_t& value) override {
    if (!nul_ && value.find('\0') != string_t::npos) return stop("a NUL in a text");
    return put(json(std::move(value)));
  }
  bool binary(binary_t&) override { return stop("binary"); }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool key(string_t& name) override {
    if (!nul_ && name.find('\0') != string_t::npos) return stop("a NUL in a key");
    if (open_.back()->contains(name)) return stop("the key `" + name + "` twice");
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t at, const std::string&,
                   const nlohmann::detail::exception&) override {
    if (reason_.empty()) reason_ = "a mistake at byte " + std::to_string(at);
    return false;
  }

  json& root() { return root_; }
  const std::string& reason() const { return reason_; }

 private:
  bool stop(const std::string& reason) {
    reason_ = printable(reason, 200);
    return false;
  }

  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  bool put(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json value) {
    if (open_.size() >= most_levels_)
      return stop("more than " + std::to_string(most_levels_) + " levels");
    open_.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t most_levels_;
  bool nul_;
  json root_;
  std::vector<json*>
      open_;  // parents of the place that is read; a parent never moves while it is open
  std::string key_;
  std::string reason_;
};

const json* member(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Error wrong_member(std::string_view name, std::string_view wanted) {
  return malformed("`" + std::string(name) + "` must be " + std::string(wanted));
}

Result<const json*> find_member(const json& object, std::string_view name) {
  if (!object.is_object()) return malformed("an object is wanted");
  return member(object, name);
}

template <typename T>
Result<T> must(Result<std::optional<T>> found, std::string_view name) {
  auto value = TRY(std::move(found));
  if (!value) return malformed("`" + std::string(name) + "` is missing");
  return std::move(*value);
}

}  // namespace

Result<json> read_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes)
    return malformed("more than " + std::to_string(limits.bytes) + " bytes");
  if (text.find('\0') != std::string_view::npos) return malformed("a NUL");
  if (text.starts_with("\xEF\xBB\xBF")) return malformed("a byte order mark");
  StrictBuilder builder(limits);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return malformed(builder.reason());
  return std::move(builder.root());
}

std::string write_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string write_json_pretty(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace);
}

Result<std::optional<std::string>> find_string(const json& object, std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return std::optional<std::string>();
  if (!found->is_string()) return wrong_member(name, "a text");
  return std::optional<std::string>(found->get_ref<const std::string&>());
}

Result<std::optional<std::int64_t>> find_int(const json& object, std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return std::optional<std::int64_t>();
  if (!found->is_number_integer()) return wrong_member(name, "an integer");
  return std::optional<std::int64_t>(found->get<std::int64_t>());
}

Result<std::optional<bool>> find_bool(const json& object, std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return std::optional<bool>();
  if (!found->is_boolean()) return wrong_member(name, "true or false");
  return std::optional<bool>(found->get<bool>());
}

Result<std::optional<std::vector<std::string>>> find_strings(const json& object,
                                                             std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return std::optional<std::vector<std::string>>();
  if (!found->is_array()) return wrong_member(name, "a list of texts");
  std::vector<std::string> texts;
  for (const auto& item : *found) {
    if (!item.is_string()) return wrong_member(name, "a list of texts");
    texts.push_back(item.get_ref<const std::string&>());
  }
  return std::optional<std::vector<std::string>>(std::move(texts));
}

Result<std::string> need_string(const json& object, std::string_view name) {
  return must(find_string(object, name), name);
}

Result<std::int64_t> need_int(const json& object, std::string_view name) {
  return must(find_int(object, name), name);
}

Result<std::vector<std::string>> need_strings(const json& object, std::string_view name) {
  return must(find_strings(object, name), name);
}

Result<const json*> need_object(const json& object, std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return malformed("`" + std::string(name) + "` is missing");
  if (!found->is_object()) return wrong_member(name, "an object");
  return found;
}

Result<const json*> need_array(const json& object, std::string_view name) {
  const json* found = TRY(find_member(object, name));
  if (found == nullptr) return malformed("`" + std::string(name) + "` is missing");
  if (!found->is_array()) return wrong_member(name, "a list");
  return found;
}

}  // namespace vrm
