#include "vault/daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <thread>

#include "vault/brands/address.h"
#include "vault/gate/waiting.h"

namespace vrm::daemon {

namespace {

constexpr int kTicksBetweenNotes = 60;
constexpr int kTicksBetweenLooks = 5;  // at what waits for the owner
constexpr std::size_t kMostBrandsTold = 20;

// How long a killed daemon may keep its lock: until its last thread is gone.
constexpr Duration kHolderEnds(2'000);
constexpr Duration kPause(50);

bool is_held(const Result<std::unique_ptr<gate::Vault>>& found) {
  return !found.ok() && found.error().say == "store.held";
}

// Every proof of the last minute and a half is remembered, and every assertion of the last four minutes, so the memory
// grows with the rate that is allowed. No share is larger than that, or a few brands could fill the whole.
jose::ReplayLimits replay_for(std::int64_t calls_per_minute) {
  jose::ReplayLimits limits;
  const auto used = static_cast<std::size_t>(calls_per_minute) * 5;
  limits.per_share = std::clamp<std::size_t>(used, 1'000, 4'000'000);
  limits.total = std::max(limits.total, limits.per_share * 2);
  return limits;
}

std::string host_of(const std::string& base) {
  const auto address = brands::address_of(base);
  return address ? address->host_and_port() : std::string();
}

gate::ProcessFacts facts_of(const Config& config) {
  gate::ProcessFacts facts;
  facts.version = VRM_VERSION;
  if (!config.brand_address.empty())
    facts.brand_door = config.brand_address + ":" + std::to_string(config.brand_port);
  facts.tls = !config.tls_certificate.empty();
  facts.options = config.options;
  return facts;
}

// A connection may hold 78 KiB: 36 of the library's, 11 of TLS, 31 of a body that does not end. As many as these stay below
// 32 MiB.
constexpr std::size_t kMostConnections = 384;
constexpr std::size_t kMostOfOnePeer = 320;
// As the machine's clock shows it to people (TZ).
LocalTime local_time(Instant at) {
  constexpr std::int64_t kDaySeconds = 86400;
  const std::time_t seconds = at.seconds();
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return {};
  const std::int64_t there = seconds + local.tm_gmtoff;
  return {there / kDaySeconds, local.tm_hour * 60 + local.tm_min};
}

// What the owner's command reads: handles, which the owner gave, and counts.
std::string told_text(const gate::Waiting& waiting, words::Language language) {
  std::string brands;
  std::size_t told = 0;
  for (const auto& [brand, count] : waiting.by_brand) {
    if (told == kMostBrandsTold) {
      brands += ", …";
      break;
    }
    brands += (told++ == 0 ? "" : ", ") + brand;
    if (count > 1) brands += " (" + std::to_string(count) + ")";
  }
  const auto n = static_cast<std::int64_t>(waiting.requests.size());
  return words::counted(language, "notify.requests", n, {{"brands", brands}}) + "\n";
}

http::DoorOptions brand_door_options(const Config& config) {
  http::DoorOptions options;
  options.place = http::TcpPlace{config.brand_address, config.brand_port};
  options.hosts = {host_of(config.base)};
  options.methods = {"GET", "POST", "PUT", "DELETE"};
  options.connections = kMostConnections;
  options.per_peer = kMostOfOnePeer;
  options.calls_per_minute = config.peer_calls_per_minute;
  if (!config.tls_certificate.empty())
    options.tls = http::TlsFiles{config.tls_certificate, config.tls_key};
  return options;
}

}  // namespace

App::App(const Config& config, gate::Knowledge knowledge)
    : way_out_(config.allow_loopback_brands, clock_),
      knowledge_(std::move(knowledge)),
      announcements_(config.announcements),
      language_(config.language) {
  if (!config.notify_command.empty())
    notifier_ = std::make_unique<Notifier>(config.notify_command, clock_);
}

Result<std::unique_ptr<App>> App::start(const Config& config, std::function<void()> stop) {
  auto knowledge = TRY(gate::Knowledge::load());
  std::unique_ptr<App> app(new App(config, std::move(knowledge)));
  TRY(app->build(config, std::move(stop)));
  TRY(app->open_doors(config));
  return app;
}

Result<void> App::build(const Config& config, std::function<void()> stop) {
  policies_ =
      TRY(gate::Policies::load(disk_, config.policies, knowledge_.catalogue, knowledge_.purposes));
  TRY(disk_.make_folder(config.vault));
  TRY(disk_.make_folder(config.socket.parent_path()));
  const auto plain_http =
      config.allow_loopback_brands ? brands::PlainHttp::OnLoopback : brands::PlainHttp::Refused;
  const auto find = [&] {
    return gate::Vault::find({disk_, clock_, random_, way_out_}, knowledge_,
                             {.folder = config.vault,
                              .base = config.base,
                              .anchors = config.anchors,
                              .plain_http = plain_http});
  };
  auto found = find();
  for (auto left = kHolderEnds; is_held(found) && left.count() > 0; left -= kPause) {
    std::this_thread::sleep_for(kPause);
    found = find();
  }
  vault_ = TRY(std::move(found));
  gate::BrandLimits limits;
  limits.calls_per_minute = config.calls_per_minute;
  limits.poll_interval_s = config.poll_interval_s;
  limits.replay = replay_for(config.calls_per_minute);
  feed_ = std::make_unique<gate::Feed>(clock_);
  deals_ = std::make_unique<gate::Deals>(*vault_, *feed_);
  brand_desk_ = std::make_unique<gate::BrandDesk>(*vault_, *policies_, *deals_, limits);
  auto facts = facts_of(config);
  if (notifier_ != nullptr)
    facts.notify_failure = [notifier = notifier_.get()] { return notifier->failure(); };
  document_watch_ = std::make_unique<gate::DocumentWatch>(*vault_);
  brand_desk_->on_unknown_key(
      [watch = document_watch_.get()](const std::string& handle) { watch->wonder(handle); });
  owner_desk_ = std::make_unique<gate::OwnerDesk>(*vault_, *policies_, *deals_, std::move(facts),
                                                  config.limits);
  brand_routes_ = std::make_unique<routes::BrandRoutes>(*brand_desk_, config.base);
  owner_routes_ = std::make_unique<routes::OwnerRoutes>(*owner_desk_, std::move(stop));
  return {};
}

Result<void> App::open_doors(const Config& config) {
  http::DoorOptions owner;
  owner.place = http::UnixPlace{config.socket.string(), geteuid()};
  owner_door_ = TRY(http::Door::open(owner, *owner_routes_, clock_));
  if (!config.brand_address.empty())
    brand_door_ = TRY(http::Door::open(brand_door_options(config), *brand_routes_, clock_));
  mailboxes_ = way_out_.open_mailboxes(*brand_routes_);
  document_watch_->start();
  return {};
}

App::~App() {
  if (feed_ != nullptr) feed_->end();
  if (mailboxes_ != nullptr) mailboxes_->stop();
  if (brand_door_ != nullptr) brand_door_->stop();
  if (owner_door_ != nullptr) owner_door_->stop();
  way_out_.stop();
  if (document_watch_ != nullptr) document_watch_->stop();
}

void App::ask_mailboxes() {
  auto wanted = brand_desk_->mailboxes();
  if (wanted == asked_) return;
  std::vector<outbound::Mailbox> mailboxes;
  for (const auto& each : wanted) {
    const std::string vid = each.vid;
    auto* desk = brand_desk_.get();
    mailboxes.push_back(
        {.url = each.url,
         .vid = vid,
         .peer = "mailbox:" + each.brand,
         .keys = {
             .poll_token = [desk, vid] { return desk->poll_token(vid); },
             .answer_token =
                 [desk, vid](const std::string& id, const routes::Answer& answer) {
                   return desk->answer_token(vid, {id, answer.status, answer.headers, answer.body});
                 }}});
  }
  mailboxes_->set(std::move(mailboxes));
  asked_ = std::move(wanted);
}

void App::tick() {
  owner_desk_->lock_when_due();
  ask_mailboxes();
  deals_->tick();
  feed_->tick();
  announce();
  if (++ticks_ % kTicksBetweenNotes != 0) return;
  brand_desk_->note_strangers();
  end_unused();
  document_watch_->tick();
  erase_long_ended();
}

void App::announce() {
  if (notifier_ == nullptr) return;
  notifier_->tick();
  if (notifier_->runs() || ticks_ % kTicksBetweenLooks != 0) return;
  const auto waiting = gate::waiting_in(*vault_);
  if (!waiting || !announcements_.are_due(waiting->requests, local_time(clock_.now()))) return;
  notifier_->run(told_text(*waiting, language_));
}

void App::end_unused() {
  const auto ended = owner_desk_->end_unused();
  if (!ended.ok() && ended.error().code != ErrorCode::Locked)
    static_cast<void>(std::fprintf(stderr, "vrmd: unused grants were not ended: %s\n",
                                   ended.error().message.c_str()));
}

void App::erase_long_ended() {
  const auto erased = owner_desk_->erase_long_ended();
  if (!erased.ok() && erased.error().code != ErrorCode::Locked)
    static_cast<void>(std::fprintf(stderr, "vrmd: what ended long ago was not erased: %s\n",
                                   erased.error().message.c_str()));
}

void App::lock() {
  owner_desk_->lock_by_signal();
}

}  // namespace vrm::daemon
