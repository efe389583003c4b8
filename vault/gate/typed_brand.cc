#include "vault/gate/typed_brand.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/ascii.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

Result<brands::BrandPtr> typed_brand(const brands::BrandBook& book, std::string_view typed) {
  auto found = book.find_typed(typed);
  if (found.ok() || found.error().code != ErrorCode::NotFound || typed.empty()) return found;
  std::vector<brands::BrandPtr> named;
  for (const auto& brand : book.list())
    if (same_but_case(brand->handle, typed) || same_but_case(brand->name, typed))
      named.push_back(brand);
  if (named.size() == 1) return named.front();
  if (named.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  auto near = near_brands(book, typed);
  if (near.empty()) return found;
  return refusal(ErrorCode::NotFound, "brand.unknown_near",
                 {{"brand", std::string(typed)}, {"near", std::move(near)}});
}

std::string near_brands(const brands::BrandBook& book, std::string_view typed) {
  const auto known = book.list();
  std::vector<std::string_view> handles;
  for (const auto& brand : known) handles.emplace_back(brand->handle);
  auto near = profile::nearest(lower(typed), handles);
  for (const auto& brand : known) {
    const bool is_told = std::find(near.begin(), near.end(), brand->handle) != near.end();
    if (!is_told && near.size() < 3 && profile::is_near(lower(typed), lower(brand->name)))
      near.push_back(brand->handle);
  }
  std::string text;
  for (const auto& handle : near) text += (text.empty() ? "" : ", ") + handle;
  return text;
}

}  // namespace vrm::gate
