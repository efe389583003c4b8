#include "tests/bench/brand.h"

#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"
#include "vault/jose/dpop.h"

namespace vrm::bench {
namespace {

constexpr const char* kField = "address.home.locality";
constexpr const char* kPurpose = "delivery";

}  // namespace

Error unexpected(std::string_view call, const shop::Answer& answer) {
  return {ErrorCode::Denied, std::string(call) + " answered " + answer.in_words()};
}

Result<std::unique_ptr<BenchBrand>> BenchBrand::open(Rig& rig) {
  shop::Folder folder = TRY(shop::Folder::open(rig.shop_folder()));
  crypto::SystemRandom random;
  shop::ShopKeys keys = TRY(shop::ShopKeys::load_or_make(folder, random));
  std::unique_ptr<BenchBrand> brand(new BenchBrand(std::move(folder), std::move(keys)));
  brand->origin_ = rig.base();
  brand->host_ = "127.0.0.1:" + std::to_string(rig.port());
  brand->front_ = TRY(shop::Shopfront::open(brand->folder_, {.name = "Bench"}, brand->clock_,
                                            brand->random_, [](std::string_view) {}));
  TRY(brand->be_introduced(rig));
  return brand;
}

Result<void> BenchBrand::be_introduced(Rig& rig) {
  const std::string client_id = front_->brand().client_id();
  TRY(rig.owner().put(std::string("/v1/fields/") + kField, {{"value", "Lyon"}}));
  const nlohmann::json added = TRY(rig.owner().post("/v1/brands", {{"url", client_id}}));
  handle_ = TRY(need_string(added, "brand"));
  const std::string issuer = TRY(need_string(added, "issuer"));
  shop::VaultClient client =
      TRY(shop::VaultClient::find({client_id, keys_, clock_, random_}, issuer));
  client_ = std::make_unique<shop::VaultClient>(std::move(client));
  tokens_ = TRY(another_grant(rig));
  return {};
}

Result<shop::Answer> BenchBrand::try_read(const shop::Tokens& tokens) {
  return client_->read(tokens, {kField}, kPurpose);
}

Result<shop::Tokens> BenchBrand::another_grant(Rig& rig) {
  const nlohmann::json grant = TRY(rig.owner().post("/v1/grants", {{"brand", handle_},
                                                                   {"fields", {kField}},
                                                                   {"purpose", kPurpose},
                                                                   {"for", "1d"},
                                                                   {"served_while_locked", true}}));
  const std::string id = TRY(need_string(grant, "auth_req_id"));
  shop::Answer answer = TRY(client_->poll(id));
  // In the first second of its life the vault takes no assertion; it says so with 503.
  for (int tries = 0; answer.status == 503 && tries < 20; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    answer = TRY(client_->poll(id));
  }
  if (!answer.good()) return unexpected("the first poll", answer);
  return shop::Tokens::from_answer(answer.body, client_->endpoints().issuer, clock_.now());
}

Result<void> BenchBrand::grant_many(Rig& rig, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string field = "bench.field_" + std::to_string(i);
    TRY(rig.owner().put("/v1/fields/" + field, {{"value", "value " + std::to_string(i)}}));
    TRY(rig.owner().post("/v1/grants", {{"brand", handle_},
                                        {"fields", {field}},
                                        {"purpose", kPurpose},
                                        {"for", "1d"},
                                        {"served_while_locked", true}}));
  }
  return {};
}

Result<void> BenchBrand::refresh_token() {
  const shop::Answer answer = TRY(client_->refresh(tokens_.refresh_token));
  if (!answer.good()) return unexpected("a refresh", answer);
  tokens_ = TRY(tokens_.refreshed_by(answer.body, clock_.now()));
  return {};
}

Result<std::vector<std::string>> BenchBrand::sign_proofs(std::size_t count) {
  // One honest read: it brings the newest nonce and shows that the rest will be answered.
  const shop::Answer answer = TRY(client_->read(tokens_, {kField}, kPurpose));
  if (!answer.good()) return unexpected("a read", answer);
  std::vector<std::string> proofs;
  proofs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) proofs.push_back(client_->read_proof(tokens_));
  return proofs;
}

Requests BenchBrand::read_requests(std::span<const std::string> proofs) const {
  const std::string path = client_->endpoints().data.substr(origin_.size());
  return {.before = "GET " + path + "?fields=" + kField + "&purpose=" + kPurpose +
                    " HTTP/1.1\r\nHost: " + host_ + "\r\nAuthorization: DPoP " +
                    tokens_.access_token + "\r\nDPoP: ",
          .middles = proofs,
          .after = "\r\n\r\n"};
}

Requests BenchBrand::constant_requests() const {
  const std::string path = client_->endpoints().issuer.substr(origin_.size());
  return {.before = "GET " + path + "/jwks.json HTTP/1.1\r\nHost: " + host_ + "\r\n\r\n",
          .middles = {},
          .after = ""};
}

}  // namespace vrm::bench
