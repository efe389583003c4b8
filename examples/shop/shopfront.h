#pragma once
// The shop's own web server: its brand document and its inbox, on cpp-httplib.
//
// It says what it sees in lines for people. What must stand in front of it in production is told in
// README.md.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "examples/shop/folder.h"
#include "examples/shop/keys.h"
#include "examples/shop/records.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct ShopfrontPlan {
  std::string name = {};  // "" keeps the one from last time
  std::string host = "127.0.0.1";
  int port = 0;           // 0: the one from last time if it is free, else any
  std::string base = {};  // the public address behind a proxy; "" when the shop is reached directly
};

class Shopfront {
 public:
  using Say = std::function<void(std::string_view line)>;

  // Listens and serves on threads of its own until the object dies. `say` is called from them.
  // Unavailable: the address is taken. Io, Malformed: the folder.
  static Result<std::unique_ptr<Shopfront>> open(const Folder& folder, const ShopfrontPlan& plan,
                                                 const Clock& clock, Random& random, Say say);
  ~Shopfront();
  Shopfront(const Shopfront&) = delete;
  Shopfront& operator=(const Shopfront&) = delete;

  const Brand& brand() const;

 private:
  struct Running;
  explicit Shopfront(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace vrm::shop
