// Prints random scenes, one a line, for tests/vectors/cedar/random.mjs to ask the reference.
//
//   cedar_random_cases text|json FIRST_SEED SCENES REQUESTS_A_SCENE
//
// The policies are texts, or have the JSON form.

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/cedar_random/scene.h"
#include "vault/base/json.h"

int main(int count, char** arguments) {
  if (count != 5) {
    std::fputs("usage: cedar_random_cases text|json FIRST_SEED SCENES REQUESTS_A_SCENE\n", stderr);
    return 2;
  }
  const std::uint64_t first = std::strtoull(arguments[2], nullptr, 10);
  const std::uint64_t scenes = std::strtoull(arguments[3], nullptr, 10);
  const std::size_t requests = std::strtoull(arguments[4], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + scenes; ++seed) {
    auto scene = cedar_random::draw_scene(seed, requests);
    if (arguments[1] == std::string_view("text")) {
      const auto read = cedar_random::read_scene(scene);
      if (!read.ok()) {
        std::fprintf(stderr, "%s\n", read.error().message.c_str());
        return 1;
      }
      scene["policies"] = cedar_random::texts_of(read.value().policies);
    }
    std::puts(vrm::write_json(scene).c_str());
  }
  return 0;
}
