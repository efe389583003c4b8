// Any text as a receipt, and any text as the claims of one that is signed.

#include "vault/base/check.h"
#include "vault/brands/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;
  using namespace vrm::brands;
  static const crypto::SigningKey key(crypto::Secret::copy_of(Bytes(crypto::kSigningSeedBytes, 1)));
  const auto check = [](const Result<ShownReceipt>& read) {
    if (!read.ok()) return;
    VRM_CHECK(!read.value().fields.empty() && !read.value().client_id.empty());
    VRM_CHECK(read.value().vid.find('/') == std::string::npos);
    VRM_CHECK(read.value().jws.verify(jose::VerifyingKey(key.public_key())).ok());
  };
  const std::string text = text_of({data, size});
  const auto unsigned_one = read_receipt(text);  // nobody can guess a signature
  VRM_CHECK(!unsigned_one.ok() ||
            !unsigned_one.value().jws.verify(jose::VerifyingKey(key.public_key())).ok());
  check(read_receipt(jose::sign_jws(key, {.typ = "vrm-receipt+jwt"}, text)));
  const std::string claims =
      R"({"iss":"https://v/v/x","aud":"c","iat":1795305600,"grant_id":"g","purpose":"p","fields":["f"],"witness":)" +
      text + "}";
  const std::string under =
      R"({"iss":"https://v/v/x","aud":"c","iat":1795305600,"grant_id":"g","purpose":"p","fields":["f"],"terms":)" +
      text + "}";
  check(read_receipt(jose::sign_jws(key, {.typ = "vrm-receipt+jwt"}, under)));
  check(read_receipt(jose::sign_jws(key, {.typ = "vrm-receipt+jwt"}, claims)));
  return 0;
}
