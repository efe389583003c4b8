#include "cli/brand_name.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/suggest.h"
#include "vault/api/paths.h"
#include "vault/base/ascii.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// Handles of brands whose name is near.
std::vector<std::string> near_handles(const json& brands, std::string_view typed) {
  std::vector<std::string> names;
  for (const auto& brand : list_at(brands, "items")) names.push_back(lower(raw_at(brand, "name")));
  const auto near = suggestions(lower(typed), names);
  std::vector<std::string> handles;
  for (const auto& name : near)
    for (const auto& brand : list_at(brands, "items"))
      if (same_but_case(raw_at(brand, "name"), name)) handles.push_back(text_at(brand, "brand"));
  return handles;
}

}  // namespace

std::string handle_of(const json& brands, std::string_view typed) {
  std::string found;
  for (const auto& brand : list_at(brands, "items")) {
    const auto handle = raw_at(brand, "brand");
    if (handle == typed) return handle;
    if (!same_but_case(handle, typed) && !same_but_case(raw_at(brand, "name"), typed)) continue;
    if (!found.empty()) return "";
    found = handle;
  }
  return found;
}

Result<std::string> path_of_brand(Session& session, const std::string& typed,
                                  std::string_view verb) {
  auto path = api::path_to(api::kBrands, typed, verb);
  if (path.ok()) return path;
  const auto brands = TRY(session.get(std::string(api::kBrands)));
  const auto handle = handle_of(brands, typed);
  if (!handle.empty()) return api::path_to(api::kBrands, handle, verb);
  for (const auto& brand : list_at(brands, "items"))
    if (same_but_case(raw_at(brand, "name"), typed))
      return refusal(ErrorCode::Conflict, "id.several", {{"typed", typed}});
  const auto near = joined(near_handles(brands, typed));
  if (near.empty()) return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", typed}});
  return refusal(ErrorCode::NotFound, "brand.unknown_near", {{"brand", typed}, {"near", near}});
}

}  // namespace vrm::cli
