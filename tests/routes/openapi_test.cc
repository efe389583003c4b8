// docs/api/openapi.yaml against the routes: it has their calls and their errors, all and no other. The file is read by
// its lines: paths stand two blanks in, methods four, error codes below `enum:` of ErrorCode.

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "vault/gate/brand_error.h"
#include "vault/routes/brand_routes.h"

namespace vrm::routes {
namespace {

std::string text_of(const std::string& name) {
  const std::ifstream file(std::string(VRM_SOURCE_DIR) + "/docs/api/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Described {
  std::set<std::string> calls;  // "GET /v/{vid}/jwks.json"
  std::set<std::string> errors;
};

std::string upper(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

Described read_description() {
  Described described;
  std::istringstream lines(text_of("openapi.yaml"));
  std::string line;
  std::string path;
  bool in_errors = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("  /") && line.ends_with(":")) path = line.substr(2, line.size() - 3);
    for (const std::string method : {"get", "put", "post", "delete", "head", "patch", "options"})
      if (line == "    " + method + ":") described.calls.insert(upper(method) + " " + path);
    if (line == "    ErrorCode:") in_errors = true;
    if (in_errors && line.starts_with("    FieldName:")) in_errors = false;
    constexpr std::string_view kItem = "        - ";
    if (in_errors && line.starts_with(kItem)) described.errors.insert(line.substr(kItem.size()));
  }
  return described;
}

std::set<std::string> told_errors() {
  std::set<std::string> errors;
  for (int error = 0; error <= static_cast<int>(gate::kLastBrandError); ++error)
    errors.emplace(gate::to_string(static_cast<gate::BrandError>(error)));
  return errors;
}

TEST_SUITE("routes/openapi") {
  TEST_CASE("openapi.yaml has the calls of the brand routes, all and no other") {
    std::set<std::string> calls;
    for (const auto& call : BrandRoutes::calls())
      calls.insert(std::string(call.method) + " " + std::string(call.path));
    CHECK(read_description().calls == calls);
  }

  TEST_CASE("openapi.yaml has the error codes, all and no other") {
    CHECK(read_description().errors == told_errors());
  }

  TEST_CASE("brand.md has an anchor for each error code, and names each call") {
    const std::string page = text_of("brand.md");
    for (const auto& error : told_errors()) {
      CAPTURE(error);
      CHECK(page.find("<a id=\"" + error + "\"></a>`" + error + "`") != std::string::npos);
    }
    for (const auto& call : BrandRoutes::calls()) {
      std::string path(call.path);
      constexpr std::string_view kIssuer = "/v/{vid}";
      if (path.starts_with(kIssuer))
        path.replace(0, kIssuer.size(), "{V}");
      else
        path.insert(0, "{base}");
      CAPTURE(path);
      CHECK(page.find("`" + std::string(call.method) + " " + path) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace vrm::routes
