#include "examples/shop/shopfront.h"

#include <httplib.h>

#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include "examples/shop/document.h"
#include "examples/shop/inbox.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostBodyBytes = 64 * 1024;
constexpr int kIdleSeconds = 10;

int status_of(const Error& error) {
  if (error.code == ErrorCode::Conflict) return 409;
  if (error.code == ErrorCode::Io || error.code == ErrorCode::Unavailable) return 503;
  return 400;
}

// The port at the end of http://127.0.0.1:41234, 0 when there is none.
int port_in(std::string_view base) {
  const std::size_t colon = base.rfind(':');
  int port = 0;
  if (colon != std::string_view::npos) {
    std::from_chars(base.data() + colon + 1, base.data() + base.size(), port);
  }
  return port;
}

void bound(httplib::Server& server) {
  server.set_tcp_nodelay(true);
  server.set_payload_max_length(kMostBodyBytes);
  server.set_read_timeout(kIdleSeconds);
  server.set_write_timeout(kIdleSeconds);
  server.set_keep_alive_timeout(kIdleSeconds);
}

// Binds to the wished port, or to the last one, or to any. 0: none was free.
int bind(httplib::Server& server, const ShopfrontPlan& plan, int last_port) {
  if (plan.port != 0) return server.bind_to_port(plan.host, plan.port) ? plan.port : 0;
  if (last_port != 0 && server.bind_to_port(plan.host, last_port)) return last_port;
  const int port = server.bind_to_any_port(plan.host);
  return port > 0 ? port : 0;
}

}  // namespace

struct Shopfront::Running {
  Running(Brand own, Folder folder, const Clock& clock, Say how)
      : brand(std::move(own)),
        inbox(std::move(folder), brand.client_id(), clock),
        say(std::move(how)) {}

  void serve(const std::string& document);
  void introduce(const httplib::Request& request, httplib::Response& response);
  void hear(const httplib::Request& request, httplib::Response& response);
  void refuse(std::string_view what, const Error& error, httplib::Response& response);

  Brand brand;
  Inbox inbox;
  Say say;
  std::unique_ptr<httplib::Server> server = std::make_unique<httplib::Server>();
  std::thread listener;
};

void Shopfront::Running::introduce(const httplib::Request& request, httplib::Response& response) {
  const Result<Vault> vault = inbox.take_introduction(request.body);
  if (!vault.ok()) return refuse("an introduction", vault.error(), response);
  const std::string reference =
      vault.value().reference.empty() ? "" : ", about " + printable(vault.value().reference, 60);
  say("a vault introduced itself: " + vault.value().issuer + ", as " +
      printable(vault.value().subject, 60) + reference);
  response.status = 204;
}

void Shopfront::Running::hear(const httplib::Request& request, httplib::Response& response) {
  const Result<GrantRevoked> event = inbox.take_event(request.body);
  // The vault sends an event again when our answer was lost: hearing it twice is no fault.
  if (!event.ok() && event.error().code != ErrorCode::Conflict) {
    return refuse("an event", event.error(), response);
  }
  if (event.ok()) say("heard: grant " + printable(event.value().grant_id, 60) + " was taken back");
  response.status = 202;
}

void Shopfront::Running::refuse(std::string_view what, const Error& error,
                                httplib::Response& response) {
  response.status = status_of(error);
  response.set_content(R"({"err":"invalid_request"})", "application/json");
  say("refused " + std::string(what) + ": " + printable(error.message, 200));
}

void Shopfront::Running::serve(const std::string& document) {
  server->Get(kDocumentPath, [document](const httplib::Request&, httplib::Response& response) {
    response.set_content(document, "application/json");
  });
  server->Post(kIntroductionPath,
               [this](const httplib::Request& request, httplib::Response& response) {
                 introduce(request, response);
               });
  server->Post(kEventPath, [this](const httplib::Request& request, httplib::Response& response) {
    hear(request, response);
  });
  listener = std::thread([this] { server->listen_after_bind(); });
  // A server that is stopped before it runs would run for ever.
  while (!server->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

Result<std::unique_ptr<Shopfront>> Shopfront::open(const Folder& folder, const ShopfrontPlan& plan,
                                                   const Clock& clock, Random& random, Say say) {
  const ShopKeys keys = TRY(ShopKeys::load_or_make(folder, random));
  Brand brand;
  if (const Result<Brand> last = Brand::load(folder); last.ok()) brand = last.value();
  if (!plan.name.empty()) brand.name = plan.name;
  if (brand.name.empty()) return Error{ErrorCode::Malformed, "a new shop needs a name: --name"};

  auto server = std::make_unique<httplib::Server>();
  bound(*server);
  const int port = bind(*server, plan, port_in(brand.base));
  if (port == 0) return Error{ErrorCode::Unavailable, "cannot listen on " + plan.host};
  brand.base = plan.base.empty() ? "http://" + plan.host + ":" + std::to_string(port) : plan.base;
  TRY(brand.save(folder));

  auto running = std::make_unique<Running>(brand, folder, clock, std::move(say));
  running->server = std::move(server);
  running->serve(brand_document(brand, keys.client));
  return std::unique_ptr<Shopfront>(new Shopfront(std::move(running)));
}

Shopfront::Shopfront(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Shopfront::~Shopfront() {
  running_->server->stop();
  running_->listener.join();
}

const Brand& Shopfront::brand() const {
  return running_->brand;
}

}  // namespace vrm::shop
