#include "vault/gate/typed_brand.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/ascii.h"
#include "vault/base/spelling.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

Result<brands::BrandPtr> named_brand(const brands::BrandBook& book, std::string_view typed) {
  if (auto brand = book.find(typed); brand != nullptr) return brand;
  std::vector<brands::BrandPtr> named;
  if (!typed.empty())
    for (const auto& brand : book.list())
      if (same_but_case(brand->handle, typed) || same_but_case(brand->name, typed))
        named.push_back(brand);
  if (named.size() == 1) return named.front();
  if (named.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  auto near = near_brands(book, typed);
  if (near.empty())
    return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", std::string(typed)}});
  return refusal(ErrorCode::NotFound, "brand.unknown_near",
                 {{"brand", std::string(typed)}, {"near", std::move(near)}});
}

Result<brands::BrandPtr> typed_brand(const brands::BrandBook& book, std::string_view typed) {
  auto found = book.find_typed(typed);
  if (found.ok() || found.error().code != ErrorCode::NotFound) return found;
  return named_brand(book, typed);
}

std::string near_brands(const brands::BrandBook& book, std::string_view typed) {
  constexpr std::size_t kMost = 3;
  if (typed.empty()) return "";
  const auto known = book.list();
  const auto small = lower(typed);
  std::vector<std::string> near;
  std::vector<std::string_view> handles;
  const auto tell = [&near](const std::string& handle) {
    if (near.size() < kMost && std::find(near.begin(), near.end(), handle) == near.end())
      near.push_back(handle);
  };
  for (const auto& brand : known) {
    handles.emplace_back(brand->handle);
    if (brand->handle.starts_with(small) || lower(brand->name).starts_with(small))
      tell(brand->handle);
  }
  for (const auto& handle : profile::nearest(small, handles)) tell(handle);
  for (const auto& brand : known)
    if (is_near(small, lower(brand->name))) tell(brand->handle);
  std::string text;
  for (const auto& handle : near) text += (text.empty() ? "" : ", ") + handle;
  return text;
}

}  // namespace vrm::gate
