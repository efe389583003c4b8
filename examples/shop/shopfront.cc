#include "examples/shop/shopfront.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "vault/base/text.h"

namespace vrm::shop {
namespace {

// What a vault's answer may be that comes through a mailbox, as the largest body.
constexpr std::size_t kMostPayloadBytes = kMostEnvelopeBytes;
constexpr int kIdleSeconds = 10;
// A connection that is kept takes a thread, and so does every wait of a mailbox.
constexpr int kKeptSeconds = 2;
constexpr std::size_t kThreads = 32;
constexpr std::size_t kThreadsOfMailbox = 64;
constexpr int kBacklog = 1024;

// cpp-httplib listens with a backlog of five: a burst of connections waits a second for the next
// try.
class Listener : public httplib::Server {
 public:
  bool widen() { return ::listen(svr_sock_, kBacklog) == 0; }
};

// The port at the end of http://127.0.0.1:41234, 0 when there is none.
int port_in(std::string_view base) {
  const std::size_t colon = base.rfind(':');
  int port = 0;
  if (colon != std::string_view::npos) {
    std::from_chars(base.data() + colon + 1, base.data() + base.size(), port);
  }
  return port;
}

void bound(Listener& server, std::size_t threads) {
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  server.set_tcp_nodelay(true);
  // By itself the library would share a port with another shop, and each hear half of the calls.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.set_payload_max_length(kMostPayloadBytes);
  server.set_read_timeout(kIdleSeconds);
  server.set_write_timeout(kIdleSeconds);
  server.set_keep_alive_timeout(kKeptSeconds);
}

// Binds to the wished port, or to the last one, or to any. 0: none was free.
int bind(Listener& server, const ShopfrontPlan& plan, int last_port) {
  int port = 0;
  if (plan.port != 0) {
    port = server.bind_to_port(plan.host, plan.port) ? plan.port : 0;
  } else if (last_port != 0 && server.bind_to_port(plan.host, last_port)) {
    port = last_port;
  } else {
    port = server.bind_to_any_port(plan.host);
  }
  return port > 0 && server.widen() ? port : 0;
}

// `why`: errno, 0 when it is not known.
Error not_listening(const ShopfrontPlan& plan, int why) {
  std::string text = "cannot listen on " + plan.host + ":" + std::to_string(plan.port);
  if (why == EADDRINUSE)
    text += ": another program has this port";
  else if (why != 0)
    text += ": " + std::generic_category().message(why);
  return {ErrorCode::Unavailable, text + ". Take another: --address 127.0.0.1:0 is any free one"};
}

Request request_of(const httplib::Request& from) {
  Request request;
  request.method = from.method;
  const std::size_t mark = from.target.find('?');
  request.path = from.target.substr(0, mark);
  if (mark != std::string::npos) request.query = from.target.substr(mark + 1);
  for (const auto& [name, value] : from.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    request.headers.emplace_back(std::move(lower), value);
  }
  request.body = from.body;
  return request;
}

void write_response(Response from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  to.body = std::move(from.body);
}

// Where a path begins that is somebody's: behind the well-known name, when it has one.
std::size_t start_of(std::string_view path) {
  constexpr std::string_view kWellKnownPrefix = "/.well-known/";
  if (!path.starts_with(kWellKnownPrefix)) return 0;
  return std::min(path.find('/', kWellKnownPrefix.size()), path.size());
}

Result<Brand> brand_of(const Stall& stall) {
  Brand brand;
  if (const Result<Brand> last = Brand::load(stall.folder); last.ok()) brand = last.value();
  if (!stall.name.empty()) brand.name = stall.name;
  if (brand.name.empty()) return Error{ErrorCode::Malformed, "a new shop needs a name: --name"};
  return brand;
}

}  // namespace

struct Shopfront::Running {
  ~Running();
  Result<void> add(const Stall& stall, const std::string& origin, const ShopPlan& plan,
                   const Clock& clock, Random& random, const Say& say);
  void serve();
  void answer(const httplib::Request& from, httplib::Response& to);
  Shop* shop_at(Request& request);

  std::vector<std::unique_ptr<Shop>> shops;
  std::map<std::string, Shop*, std::less<>> by_path;
  Listener server;
  std::thread listener;
};

Result<void> Shopfront::Running::add(const Stall& stall, const std::string& origin,
                                     const ShopPlan& plan, const Clock& clock, Random& random,
                                     const Say& say) {
  Brand brand = TRY(brand_of(stall));
  brand.base = origin + stall.path;
  Say own = say;
  if (!stall.path.empty()) {
    own = [say, name = brand.name](std::string_view line) {
      say(printable(name, 60) + ": " + std::string(line));
    };
  }
  std::unique_ptr<Shop> shop =
      TRY(Shop::open(stall.folder, std::move(brand), plan, clock, random, std::move(own)));
  by_path.emplace(stall.path, shop.get());
  shops.push_back(std::move(shop));
  return {};
}

// The shop that a path belongs to; the path is then relative to its base.
Shop* Shopfront::Running::shop_at(Request& request) {
  if (const auto alone = by_path.find(""); alone != by_path.end()) return alone->second;
  const std::size_t start = start_of(request.path);
  const std::size_t end = std::min(request.path.find('/', start + 1), request.path.size());
  const auto found = by_path.find(std::string_view(request.path).substr(start, end - start));
  if (found == by_path.end()) return nullptr;
  request.path.erase(start, end - start);
  return found->second;
}

void Shopfront::Running::answer(const httplib::Request& from, httplib::Response& to) {
  Request request = request_of(from);
  Shop* shop = shop_at(request);
  write_response(shop == nullptr ? Response::refusal(404, "not_found") : shop->serve(request), to);
}

void Shopfront::Running::serve() {
  const auto handler = [this](const httplib::Request& from, httplib::Response& to) {
    answer(from, to);
  };
  server.Get(".*", handler);
  server.Post(".*", handler);
  server.Put(".*", handler);
  server.Delete(".*", handler);
  // cpp-httplib would wait for the body of a DELETE that has none.
  server.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
    const bool has_body = from.has_header("Content-Length") || from.has_header("Transfer-Encoding");
    if (from.method != "DELETE" || has_body) return httplib::Server::HandlerResponse::Unhandled;
    answer(from, to);
    return httplib::Server::HandlerResponse::Handled;
  });
  listener = std::thread([this] { server.listen_after_bind(); });
  // A server that is stopped before it runs would run for ever.
  while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (const std::unique_ptr<Shop>& shop : shops) shop->start();
}

Shopfront::Running::~Running() {
  // The shops first: their errands may be waiting for this very server.
  for (const std::unique_ptr<Shop>& shop : shops) shop->close();
  if (!listener.joinable()) return;
  server.stop();
  listener.join();
}

Result<std::unique_ptr<Shopfront>> Shopfront::open(const Folder& folder, const ShopfrontPlan& plan,
                                                   const Clock& clock, Random& random, Say say) {
  return open_many({{folder, "", plan.name}}, plan, clock, random, std::move(say));
}

Result<std::unique_ptr<Shopfront>> Shopfront::open_many(const std::vector<Stall>& stalls,
                                                        const ShopfrontPlan& plan,
                                                        const Clock& clock, Random& random,
                                                        Say say) {
  VRM_CHECK(!stalls.empty());
  const Result<Brand> last = Brand::load(stalls.front().folder);
  auto running = std::make_unique<Running>();
  const std::size_t waits = plan.shop.mailbox ? kThreadsOfMailbox + 2 * stalls.size() : 0;
  bound(running->server, kThreads + waits);
  errno = 0;
  const int port = bind(running->server, plan, last.ok() ? port_in(last.value().base) : 0);
  if (port == 0) return not_listening(plan, errno);
  const std::string origin =
      plan.base.empty() ? "http://" + plan.host + ":" + std::to_string(port) : plan.base;
  for (const Stall& stall : stalls) {
    TRY(running->add(stall, origin, plan.shop, clock, random, say));
  }
  running->serve();
  return std::unique_ptr<Shopfront>(new Shopfront(std::move(running)));
}

Shopfront::Shopfront(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Shopfront::~Shopfront() = default;

const Brand& Shopfront::brand() const {
  return running_->shops.front()->brand();
}

std::string Shopfront::tag_line() const {
  return running_->shops.front()->tag_line();
}

std::vector<Brand> Shopfront::brands() const {
  std::vector<Brand> all;
  for (const std::unique_ptr<Shop>& shop : running_->shops) all.push_back(shop->brand());
  return all;
}

}  // namespace vrm::shop
