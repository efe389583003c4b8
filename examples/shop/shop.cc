#include "examples/shop/shop.h"

#include <algorithm>
#include <utility>

#include "examples/shop/document.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostBodyBytes = 64 * 1024;
// A command may have changed the book meanwhile.
constexpr Duration kLongestSleep = std::chrono::seconds(5);

int status_of(const Error& error) {
  if (error.code == ErrorCode::NotFound) return 404;
  if (error.code == ErrorCode::Conflict) return 409;
  if (error.code == ErrorCode::Io || error.code == ErrorCode::Unavailable) return 503;
  return 400;
}

std::string_view word_of(int status) {
  if (status == 404) return "not_found";
  if (status == 409) return "conflict";
  return status == 503 ? "temporarily_unavailable" : "invalid_request";
}

}  // namespace

Shop::Shop(const Folder& folder, Brand brand, const Clock& clock, Say say)
    : brand_(std::move(brand)),
      inbox_(folder, brand_.client_id(), clock),
      clock_(clock),
      say_(std::move(say)) {}

Result<std::unique_ptr<Shop>> Shop::open(const Folder& folder, Brand brand, const ShopPlan& plan,
                                         const Clock& clock, Random& random, Say say) {
  TRY(brand.save(folder));
  ShopKeys keys = TRY(ShopKeys::load_or_make(folder, random));
  Result<Character> character = load_character(folder);
  if (!character.ok() && character.error().code != ErrorCode::NotFound) return character.error();

  auto shop = std::unique_ptr<Shop>(new Shop(folder, std::move(brand), clock, std::move(say)));
  const std::string client_id = shop->brand_.client_id();
  const Speaks speaks{.intents = character.ok(), .mailbox = plan.mailbox};
  shop->document_ = [folder, speaks, &random, named = shop->brand_]() -> Result<std::string> {
    const ShopKey client = TRY(ShopKey::load_or_make(folder, kClientKeyFile, random));
    return brand_document(named, client, speaks);
  };
  if (character.ok()) {
    shop->sales_ =
        std::make_unique<Sales>(Business{folder, client_id, std::move(keys),
                                         std::move(character).value(), clock, random, shop->say_});
  }
  if (plan.mailbox) {
    shop->mailbox_ = std::make_unique<MailboxHost>(
        folder, client_id, shop->brand_.base + kMailboxPath, plan.hold, clock, random);
  }
  return shop;
}

Shop::~Shop() {
  close();
}

std::string Shop::tag_line() const {
  return sales_ ? sales_->business.character.tag_line : "";
}

void Shop::start() {
  if (sales_) errands_ = std::thread([this] { do_errands(); });
}

void Shop::close() {
  {
    const std::lock_guard guard(lock_);
    closing_ = true;
  }
  poked_.notify_all();
  if (mailbox_) mailbox_->close();
  if (errands_.joinable()) errands_.join();
}

void Shop::do_errands() {
  std::unique_lock guard(lock_);
  while (!closing_) {
    has_news_ = false;
    guard.unlock();
    const Result<std::optional<Instant>> next = sales_->seller.work();
    if (!next.ok()) say_("the shop's folder: " + printable(next.error().message, 200));
    Duration sleep = kLongestSleep;
    if (next.ok() && next.value()) {
      sleep = std::clamp<Duration>(*next.value() - clock_.now(), Duration(0), kLongestSleep);
    }
    guard.lock();
    poked_.wait_for(guard, sleep, [&] { return closing_ || has_news_; });
  }
}

Response Shop::serve(const Request& request) {
  const bool posted = request.method == "POST";
  if (request.method == "GET" && request.path == kDocumentPath) {
    const Result<std::string> document = document_();
    if (!document.ok()) return refuse("to show its document", document.error());
    return Response::json(200, document.value());
  }
  if (mailbox_) {
    if (std::optional<Response> served = mailbox_->serve(request)) return std::move(*served);
  }
  if (request.body.size() > kMostBodyBytes) return Response::refusal(413, "too_large");
  if (posted && request.path == kIntroductionPath) return introduce(request);
  if (posted && request.path == kEventPath) return hear(request);
  if (posted && request.path == kIntentPath && sales_) return take_message(request);
  return Response::refusal(404, "not_found");
}

Response Shop::introduce(const Request& request) {
  const Result<Vault> vault = inbox_.take_introduction(request.body);
  if (!vault.ok()) return refuse("an introduction", vault.error());
  const std::string reference =
      vault.value().reference.empty() ? "" : ", about " + printable(vault.value().reference, 60);
  say_("a vault introduced itself: " + vault.value().issuer + ", as " +
       printable(vault.value().subject, 60) + reference);
  return {204};
}

Response Shop::hear(const Request& request) {
  const Result<GrantRevoked> event = inbox_.take_event(request.body);
  // The vault sends an event again when our answer was lost: hearing it twice is no fault.
  if (!event.ok() && event.error().code != ErrorCode::Conflict) {
    return refuse("an event", event.error());
  }
  if (event.ok()) say_("heard: grant " + printable(event.value().grant_id, 60) + " was taken back");
  return {202};
}

Response Shop::take_message(const Request& request) {
  const Result<Reply> reply = sales_->intake.take(request.body);
  if (!reply.ok()) return refuse("a message", reply.error());
  {
    const std::lock_guard guard(lock_);
    has_news_ = true;
  }
  poked_.notify_all();
  if (reply.value().jws.empty()) return {reply.value().status};
  return {reply.value().status, {{"content-type", "application/jwt"}}, reply.value().jws};
}

Response Shop::refuse(std::string_view what, const Error& error) {
  say_("refused " + std::string(what) + ": " + printable(error.message, 200));
  const int status = status_of(error);
  return Response::refusal(status, word_of(status));
}

}  // namespace vrm::shop
