#include "examples/shop/say.h"

#include <cstdio>

#include "vault/base/text.h"

namespace vrm::shop {
namespace {

void print(std::FILE* stream, std::string_view line) {
  const std::string text = std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

void say(std::string_view line) {
  print(stdout, line);
}

void complain(std::string_view line) {
  print(stderr, line);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name, 100);
  return text.empty() ? "nothing" : text;
}

}  // namespace vrm::shop
