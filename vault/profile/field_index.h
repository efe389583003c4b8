#pragma once
// What is known of each field but its value, by name. A vault may have many fields and most are never asked for, so each
// is one block of bytes, made a FieldMeta when it is wanted, and wiped when it goes.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/time.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/profile/catalogue.h"
#include "vault/store/store.h"

namespace vrm::profile {

struct FieldMeta {
  std::string name;
  std::string type;
  int sensitivity = kPersonal;
  std::string source;  // self, import:im_…, restored:2, derived
  Instant updated_at;  // of a claim: when what it is made of was set
  std::int64_t version = 0;
  bool claim = false;  // derived; not a region that was typed
  bool settled =
      true;  // no claim, or a claim that can no longer change by itself: may be served while locked
  store::RowId row{};
  store::KeyId key{};

  bool sensitive() const { return sensitivity >= kSensitive; }
};

void wipe_text(std::string& text);
void wipe_meta(FieldMeta& meta);

class FieldIndex {
 public:
  std::size_t size() const { return fields_.size(); }
  bool contains(std::string_view name) const { return fields_.contains(name); }
  std::optional<FieldMeta> find(std::string_view name) const;

  // Sorted by name. `prefix` is "", a name, or its first parts: `address` and `address.` give address.home.locality,
  // `addr` gives nothing.
  std::vector<FieldMeta> within(std::string_view prefix) const;

  // They die with the next change.
  std::vector<std::string_view> names() const;

  // Makes or replaces. REQUIRES: name, type and source of at most 255 bytes.
  void put(const FieldMeta& meta);
  // A name that is not here changes nothing.
  void erase(std::string_view name);
  void keep_only(const std::vector<std::string>& names);

 private:
  struct ByName {
    using is_transparent = void;
    static std::string_view name_of(const crypto::WipedBytes& field);
    static std::string_view name_of(std::string_view name) { return name; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return name_of(a) < name_of(b);
    }
  };

  std::set<crypto::WipedBytes, ByName> fields_;
};

}  // namespace vrm::profile
