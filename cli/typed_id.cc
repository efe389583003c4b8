#include "cli/typed_id.h"

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kMostIds = 5;

bool has_ellipsis(std::string_view typed) {
  return typed.ends_with("…") || typed.ends_with("...") || typed.ends_with('_');
}

}  // namespace

Result<void> check_typed_id(Session& session, std::string_view typed, std::string_view list) {
  if (!has_ellipsis(typed)) return {};
  Gaps with = {{"typed", std::string(typed)}};
  if (list.empty()) return refusal(ErrorCode::Malformed, "id.ellipsis_import", with);
  const auto document = TRY(session.get(std::string(list)));
  std::string ids;
  std::size_t shown = 0;
  for (const auto& item : list_at(document, "items"))
    if (shown++ < kMostIds) ids += (ids.empty() ? "" : ", ") + text_at(item, "id");
  if (shown > kMostIds) ids += ", …";
  with.emplace_back("ids", ids);
  return refusal(ErrorCode::Malformed, ids.empty() ? "id.ellipsis_none" : "id.ellipsis", with);
}

Result<void> check_typed_offer(std::string_view typed) {
  if (!has_ellipsis(typed)) return {};
  return refusal(ErrorCode::Malformed, "id.ellipsis_offer", {{"typed", std::string(typed)}});
}

}  // namespace vrm::cli
