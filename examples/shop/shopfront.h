#pragma once
// The web server of one shop, or of several at one address, on cpp-httplib.
//
// It says what it sees in lines for people. What must stand in front of it in production is told in
// README.md.

#include <memory>
#include <string>
#include <vector>

#include "examples/shop/folder.h"
#include "examples/shop/records.h"
#include "examples/shop/say.h"
#include "examples/shop/shop.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct ShopfrontPlan {
  std::string name = {};  // "" keeps the one from last time
  std::string host = "127.0.0.1";
  int port = 0;           // 0: the one from last time if it is free, else any
  std::string base = {};  // the public address behind a proxy; "" when the shop is reached directly
  ShopPlan shop = {};
};

// A shop among several at one address.
struct Stall {
  Folder folder;
  std::string path;  // as /b7; "" when it is alone
  std::string name;
};

class Shopfront {
 public:
  // Listens and serves on threads of its own until the object dies. `say` is called from them.
  // Unavailable: the address is taken. Io, Malformed: the folder.
  static Result<std::unique_ptr<Shopfront>> open(const Folder& folder, const ShopfrontPlan& plan,
                                                 const Clock& clock, Random& random, Say say);
  // Several, each with a path of its own; what they say begins with their names. The errors are as
  // above. REQUIRES: at least one.
  static Result<std::unique_ptr<Shopfront>> open_many(const std::vector<Stall>& stalls,
                                                      const ShopfrontPlan& plan, const Clock& clock,
                                                      Random& random, Say say);
  ~Shopfront();
  Shopfront(const Shopfront&) = delete;
  Shopfront& operator=(const Shopfront&) = delete;

  // Of the first shop.
  const Brand& brand() const;
  std::string tag_line() const;
  std::vector<Brand> brands() const;

 private:
  struct Running;
  explicit Shopfront(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace vrm::shop
