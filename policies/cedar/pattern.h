#pragma once
// The right side of `like`: pieces of text with wildcards between them.

#include <string>
#include <string_view>
#include <vector>

namespace cedar {

class Pattern {
 public:
  // The wildcard: any run of scalars, also none.
  void add_wildcard();
  // One scalar that stands for itself.
  void add_scalar(char32_t scalar);

  // Whether the whole of `text` matches, in time linear in text and pattern. REQUIRES: `text` is
  // UTF-8.
  bool matches(std::string_view text) const;

  // The pieces between wildcards, one more than there are wildcards: `a*b*` is "a", "b", "".
  const std::vector<std::string>& pieces() const { return pieces_; }

  friend bool operator==(const Pattern&, const Pattern&) = default;

 private:
  std::vector<std::string> pieces_{""};
};

}  // namespace cedar
