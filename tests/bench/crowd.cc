#include "tests/bench/crowd.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/shop/document.h"
#include "tests/bench/at_once.h"
#include "tests/bench/brand.h"
#include "vault/base/json.h"
#include "vault/jose/jws.h"

namespace vrm::bench {
namespace {

constexpr std::size_t kMostMessageBytes = 64 * 1024;
constexpr std::size_t kPollers = 8;

}  // namespace

Result<HeardIntent> heard_intent(std::string_view jws) {
  constexpr std::array<std::string_view, 1> kTypes = {"vrm-intent+jwt"};
  const auto read = TRY(jose::Jws::read(jws, {.types = kTypes, .most_bytes = kMostMessageBytes}));
  const nlohmann::json claims = TRY(read.claims());
  HeardIntent heard;
  heard.issuer = TRY(need_string(claims, "iss"));
  heard.iid = TRY(need_string(claims, "jti"));
  heard.auth_req_id = TRY(need_string(claims, "auth_req_id"));
  return heard;
}

Result<std::size_t> brand_of_path(std::string_view path) {
  constexpr std::string_view kBefore = "/b";
  std::size_t number = 0;
  if (path.starts_with(kBefore)) {
    const char* const end = path.data() + path.size();
    const auto read = std::from_chars(path.data() + kBefore.size(), end, number);
    const auto rest = static_cast<std::size_t>(end - read.ptr);
    if (read.ec == std::errc{} && path.substr(path.size() - rest) == shop::kIntentPath) {
      return number;
    }
  }
  return Error{ErrorCode::Malformed, "posted to " + std::string(path)};
}

Result<std::unique_ptr<Crowd>> Crowd::open(Rig& rig, ManySites& sites, std::size_t brands) {
  std::unique_ptr<Crowd> crowd(new Crowd());
  for (std::size_t i = 0; i < brands; ++i) TRY(crowd->add(rig, sites, "b" + std::to_string(i)));
  return crowd;
}

Result<void> Crowd::add(Rig& rig, ManySites& sites, const std::string& place) {
  const std::string path = rig.shop_folder() + "/" + place;
  const shop::Folder folder = TRY(shop::Folder::open(path));
  auto keys = TRY(shop::ShopKeys::load_or_make(folder, random_));
  auto member = std::make_unique<Member>(std::move(keys));
  const shop::Brand brand{.name = "Brand " + place, .base = sites.base() + "/" + place};
  member->client_id = brand.client_id();
  const shop::Speaks speaks{.intents = true, .mailbox = false};
  sites.serve("/" + place + shop::kDocumentPath,
              shop::brand_document(brand, member->keys.client, speaks));
  // Their names are alike on purpose: `new` says that this is no mistake.
  const nlohmann::json added = TRY(rig.owner().post(
      "/v1/brands",
      {{"url", member->client_id}, {"name", place}, {"tags", {kTag}}, {"new", true}}));
  member->handle = TRY(need_string(added, "brand"));
  const std::string issuer = TRY(need_string(added, "issuer"));
  const shop::Caller caller{member->client_id, member->keys, clock_, random_};
  auto client = TRY(shop::VaultClient::find(caller, issuer));
  member->client = std::make_unique<shop::VaultClient>(std::move(client));
  members_.push_back(std::move(member));
  return {};
}

Result<void> Crowd::hear(const std::vector<ManySites::Posted>& posted) {
  std::vector<bool> has_heard(members_.size());
  for (const auto& one : posted) {
    const std::size_t number = TRY(brand_of_path(one.path));
    if (number >= members_.size() || has_heard[number]) {
      return Error{ErrorCode::Malformed, "posted once too often: " + one.path};
    }
    Member& member = *members_[number];
    member.heard = TRY(heard_intent(one.body));
    if (member.heard.issuer != member.client->endpoints().issuer) {
      return Error{ErrorCode::Malformed, "another brand's intent: " + one.path};
    }
    has_heard[number] = true;
  }
  if (posted.size() == members_.size()) return {};
  return Error{ErrorCode::Malformed, "a brand has heard nothing"};
}

Result<void> Crowd::fetch_tokens() {
  return at_once(members_.size(), kPollers,
                 [this](std::size_t brand) { return fetch_token(*members_[brand]); });
}

Result<void> Crowd::fetch_token(Member& member) {
  const shop::Answer answer = TRY(member.client->poll(member.heard.auth_req_id));
  if (!answer.good()) return unexpected("a poll", answer);
  member.pass = TRY(shop::Pass::from_answer(answer.body, member.heard.iid, clock_.now()));
  return {};
}

Result<std::string> Crowd::write_bid(std::size_t brand, const Bid& bid) const {
  const Member& member = *members_[brand];
  return bench::write_bid({member.keys.client, member.client_id, member.heard.issuer}, bid,
                          member.heard.iid, clock_.now());
}

Result<Moment> Crowd::put(std::size_t brand, const std::string& jws) {
  Member& member = *members_[brand];
  const Moment began = Moment::clock::now();
  const shop::Answer answer =
      TRY(member.client->put_offer(member.pass.access_token, member.heard.iid, kBidName, jws));
  if (!answer.good()) return unexpected("an offer", answer);
  return began;
}

}  // namespace vrm::bench
