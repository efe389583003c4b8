#pragma once
// One shop: everything that it answers at its address, and the thread that does its errands. It
// knows no socket; a Shopfront carries requests to it.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "examples/shop/business.h"
#include "examples/shop/exchange.h"
#include "examples/shop/inbox.h"
#include "examples/shop/intake.h"
#include "examples/shop/mailbox_host.h"
#include "examples/shop/records.h"
#include "examples/shop/seller.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct ShopPlan {
  bool mailbox = false;  // whether it is a mailbox for vaults without an open door
  Duration hold = std::chrono::seconds(30);  // how long a mailbox lets either side wait
};

class Shop {
 public:
  // The folder's character, when it has one, lets the shop answer intents. Io, Malformed: the
  // folder.
  static Result<std::unique_ptr<Shop>> open(const Folder& folder, Brand brand, const ShopPlan& plan,
                                            const Clock& clock, Random& random, Say say);
  // REQUIRES: close() was called, and nobody is in serve().
  ~Shop();
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const Brand& brand() const { return brand_; }
  // "" when the shop has no character, or one without.
  std::string tag_line() const;

  // Begins with the errands, which call vaults, and maybe through the shop's own mailbox: the shop
  // must be reachable.
  void start();
  // Any thread; the path is relative to the brand's base.
  Response serve(const Request& request);
  // Ends all waiting and the errands.
  void close();

 private:
  // What only a shop with a character has.
  struct Sales {
    explicit Sales(Business own) : business(std::move(own)), intake(business), seller(business) {}

    Business business;
    Intake intake;
    Seller seller;
  };

  Shop(const Folder& folder, Brand brand, const Clock& clock, Say say);
  Response introduce(const Request& request);
  Response hear(const Request& request);
  Response take_message(const Request& request);
  Response refuse(std::string_view what, const Error& error);
  void do_errands();

  Brand brand_;
  // Made anew for each that asks: the key may have been changed by a command meanwhile.
  std::function<Result<std::string>()> document_;
  Inbox inbox_;
  const Clock& clock_;
  Say say_;
  std::unique_ptr<Sales> sales_;          // null: the shop answers no intents
  std::unique_ptr<MailboxHost> mailbox_;  // null: it is no mailbox

  std::mutex lock_;
  std::condition_variable poked_;
  bool has_news_ = false;
  bool closing_ = false;
  std::thread errands_;
};

}  // namespace vrm::shop
