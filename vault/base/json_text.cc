#include "vault/base/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm {

void append_json_text(std::string& out, std::string_view text) {
  const auto stands_as_it_is = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (!std::all_of(text.begin(), text.end(), stands_as_it_is)) {
    out += write_json(text);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_text(out, value);
}

}  // namespace vrm
