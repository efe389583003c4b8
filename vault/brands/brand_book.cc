#include "vault/brands/brand_book.h"

#include <algorithm>

#include "vault/base/text.h"
#include "vault/brands/lookalike.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kMostHandle = 32;

// The Latin letters that others pass for: Vélo is velo. The rest stays.
std::string latin(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const auto scalar = next_scalar(text, at);
    const auto letter = text.substr(from, at - from);
    out += scalar && *scalar > 0x7F ? skeleton(letter, Seen::InName) : std::string(letter);
  }
  return out;
}

// a-z 0-9 and single hyphens; "" when nothing of it is left.
std::string handle_from(std::string_view text) {
  std::string handle;
  for (char c : latin(text)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keeps)
      handle += c;
    else if (!handle.empty() && handle.back() != '-')
      handle += '-';
    if (handle.size() == kMostHandle) break;
  }
  while (handle.ends_with('-')) handle.pop_back();
  return handle;
}

}  // namespace

Result<BrandPtr> BrandBook::find_typed(std::string_view typed) const {
  const auto found = rows_.beginning_with(typed);
  if (typed.empty() || found.empty())
    return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", std::string(typed)}});
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  return found.front();
}

BrandPtr BrandBook::with_client_id(std::string_view client_id) const {
  const auto all = rows_.all();
  const auto found = std::find_if(all.begin(), all.end(), [client_id](const BrandPtr& brand) {
    return brand->client_id == client_id;
  });
  return found == all.end() ? nullptr : *found;
}

std::string BrandBook::free_handle(std::string_view wanted, const std::string& name,
                                   const std::string& host) const {
  std::string handle = handle_from(wanted);
  if (handle.empty()) handle = handle_from(name);
  if (handle.empty()) handle = handle_from(host);
  if (handle.empty()) handle = "brand";
  std::string free = handle;
  for (int n = 2; find(free) != nullptr; ++n) free = handle + "-" + std::to_string(n);
  return free;
}

Result<BrandPtr> BrandBook::add(store::Txn& txn, Brand brand, Random& random) {
  brand.key = TRY(txn.make_key());
  random.fill(brand.row);
  return rows_.put(txn, std::move(brand));
}

}  // namespace vrm::brands
