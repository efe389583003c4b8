#pragma once
// The tree of purposes (policies/purposes.json): DPV names, each with a short word, its parent, and the fields that
// others usually ask for it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::grants {

struct Purpose {
  std::string word;                // "delivery"
  std::string dpv;                 // "dpv:DeliveryOfGoods"; the name that grants and tokens carry
  std::string parent;              // dpv name, "" at the root
  bool grantable;                  // false: no grant may name it
  std::vector<std::string> usual;  // names and beginnings of names of fields
  std::string label_en;
  std::string label_fr;
};

class Purposes {
 public:
  // The tree that is linked in. Corrupt: the text of the build is wrong (a name twice, a parent that is not above).
  static Result<Purposes> load();
  static Result<Purposes> parse(std::string_view json);

  const std::vector<Purpose>& all() const { return purposes_; }

  // By short word or DPV name. The pointer lives as long as the tree.
  const Purpose* find(std::string_view word_or_dpv) const;

  // "quote, service, delivery": those that may be granted.
  std::string words() const;

  // True when others usually ask this field for this purpose.
  static bool is_usual(const Purpose& purpose, std::string_view field);

 private:
  std::vector<Purpose> purposes_;
};

}  // namespace vrm::grants
