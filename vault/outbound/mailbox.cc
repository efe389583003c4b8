#include "vault/outbound/mailbox.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

#include "vault/base/check.h"

namespace vrm::outbound {

namespace {

using namespace std::chrono_literals;

constexpr Duration kShortestPause = 1s;
constexpr Duration kLongestPause = 60s;
// A host that answers "nothing" at once is not asked more often than this.
constexpr Duration kBetweenEmptyPolls = 1s;
constexpr int kMostTries = 3;  // of an answer

std::string key_of(const Mailbox& mailbox) {
  return mailbox.url + " " + mailbox.vid;
}

}  // namespace

// An answer on its way back to the mailbox.
struct Mailboxes::Answering {
  std::string id;
  SharedAnswer answer;
  int tries = 0;
  Duration due{};
};

struct Mailboxes::Box {
  Mailbox mailbox;
  bool active = false;
  Executed executed;
  std::optional<std::uint64_t> polling;
  Duration next_poll{};
  Duration pause{};  // after the last failure; none when there was none
  bool told = false;
  std::size_t serving = 0;  // requests that the handler has
  std::size_t posting = 0;
  std::deque<Answering> waiting;  // to be posted

  bool has_room(std::size_t most) const { return serving + posting + waiting.size() < most; }
};

struct Mailboxes::Errand {
  Box* box = nullptr;
  Duration begun{};
  std::optional<Answering> answering;  // nothing: a poll
};

// The way of answers from any thread to the mailboxes'.
struct Mailboxes::Inbox {
  struct Given {
    Box* box;
    std::string id;
    routes::Answer answer;
    std::function<routes::Answer()> finish;
  };

  explicit Inbox(Calls& to_wake) : calls(&to_wake) {}

  void give(Given one) {
    const std::lock_guard lock(mutex);
    if (calls == nullptr) return;
    given.push_back(std::move(one));
    if (given.size() == 1) calls->wake();
  }
  std::vector<Given> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(given, {});
  }
  void close() {
    std::vector<Given> dropped;  // their functions end outside the lock
    const std::lock_guard lock(mutex);
    calls = nullptr;
    dropped.swap(given);
  }

  std::mutex mutex;
  Calls* calls;  // null once closed
  std::vector<Given> given;
};

// The Reply of one request. Dropped without an answer, it answers 500.
class Mailboxes::Slip final : public routes::Reply {
 public:
  Slip(std::shared_ptr<Inbox> inbox, Box& box, std::string id)
      : inbox_(std::move(inbox)), box_(box), id_(std::move(id)) {}
  ~Slip() override {
    if (answered_.exchange(true)) return;
    inbox_->give({&box_, id_, routes::problem({500, "the request was not answered"}), nullptr});
  }
  Slip(const Slip&) = delete;
  Slip& operator=(const Slip&) = delete;

  void send(routes::Answer answer) override {
    VRM_CHECK(!answered_.exchange(true));
    inbox_->give({&box_, id_, std::move(answer), nullptr});
  }
  void send_later(std::function<routes::Answer()> finish) override {
    VRM_CHECK(!answered_.exchange(true));
    inbox_->give({&box_, id_, {}, std::move(finish)});
  }

 private:
  const std::shared_ptr<Inbox> inbox_;
  Box& box_;  // lives until the inbox is closed
  const std::string id_;
  std::atomic<bool> answered_ = false;
};

Mailboxes::Mailboxes(std::unique_ptr<Calls> calls, routes::Handler& handler, const Clock& clock,
                     MailboxOptions options)
    : calls_(std::move(calls)),
      handler_(handler),
      clock_(clock),
      options_(std::move(options)),
      inbox_(std::make_shared<Inbox>(*calls_)),
      thread_([this] { work(); }) {}

Mailboxes::~Mailboxes() {
  stop();
}

void Mailboxes::set(std::vector<Mailbox> mailboxes) {
  const std::lock_guard lock(mutex_);
  next_set_ = std::move(mailboxes);
  calls_->wake();
}

void Mailboxes::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    calls_->wake();
  }
  if (thread_.joinable()) thread_.join();
  inbox_->close();
}

void Mailboxes::work() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    take_set();
    take_replies();
    start_polls();
    for (const auto& [key, box] : boxes_) post_waiting(*box);
    for (auto& ended : calls_->wait(rest())) settle(std::move(ended));
    if (std::exchange(handed_over_, false)) handler_.turn_ended();
  }
  for (const auto& [key, errand] : errands_) calls_->drop(key);
}

void Mailboxes::take_set() {
  std::optional<std::vector<Mailbox>> next;
  {
    const std::lock_guard lock(mutex_);
    next.swap(next_set_);
  }
  if (!next) return;
  std::set<std::string> kept;
  for (const auto& mailbox : *next) kept.insert(key_of(mailbox));
  for (const auto& [key, box] : boxes_) {
    if (box->active && !kept.contains(key)) retire(*box);
  }
  for (auto& mailbox : *next) {
    auto& box = boxes_[key_of(mailbox)];
    if (box == nullptr) {
      box = std::make_unique<Box>();
      box->executed = Executed(options_.executed);
    }
    box->mailbox = std::move(mailbox);
    if (!std::exchange(box->active, true)) box->next_poll = clock_.ticks();
  }
}

void Mailboxes::retire(Box& box) {
  for (auto at = errands_.begin(); at != errands_.end();) {
    const auto one = at++;
    if (one->second.box != &box) continue;
    calls_->drop(one->first);
    errands_.erase(one);
  }
  box.active = false;
  box.mailbox.keys = {};
  box.executed.forget_answers();
  box.polling.reset();
  box.pause = Duration(0);
  box.told = false;
  box.posting = 0;
  box.waiting.clear();
}

void Mailboxes::take_replies() {
  for (auto& given : inbox_->take()) {
    Box& box = *given.box;
    --box.serving;
    if (!box.active) continue;
    const auto answer = std::make_shared<const routes::Answer>(
        given.finish ? given.finish() : std::move(given.answer));
    box.executed.answered(given.id, answer);
    box.waiting.push_back({std::move(given.id), answer, 0, clock_.ticks()});
  }
}

void Mailboxes::start_polls() {
  const Duration now = clock_.ticks();
  std::size_t polling = 0;
  std::vector<Box*> due;
  for (const auto& [key, box] : boxes_) {
    if (box->polling) ++polling;
    const bool wanted = box->active && !box->polling && box->next_poll <= now;
    if (wanted && box->has_room(options_.unanswered)) due.push_back(box.get());
  }
  std::sort(due.begin(), due.end(),
            [](const Box* a, const Box* b) { return a->next_poll < b->next_poll; });
  for (Box* box : due) {
    if (polling++ >= options_.polls) return;
    poll(*box);
  }
}

std::uint64_t Mailboxes::begin(Box& box, const char* where, std::string token, Duration total) {
  const std::uint64_t key = ++calls_made_;
  errands_.emplace(key, Errand{&box, clock_.ticks(), std::nullopt});
  calls_->begin(key, {.method = Method::Post,
                      .url = box.mailbox.url + where,
                      .content_type = "application/jwt",
                      .body = std::move(token),
                      .body_bytes = kMostEnvelopeBytes,
                      .total = total});
  return key;
}

void Mailboxes::poll(Box& box) {
  auto token = box.mailbox.keys.poll_token();
  if (token.empty()) return fail(box, "nothing can be signed for it now");
  box.polling = begin(box, "/poll", std::move(token), options_.held);
}

void Mailboxes::post_waiting(Box& box) {
  const Duration now = clock_.ticks();
  for (std::size_t looked = box.waiting.size(); looked > 0; --looked) {
    if (box.posting >= options_.answers) return;
    Answering next = std::move(box.waiting.front());
    box.waiting.pop_front();
    if (next.due > now) {
      box.waiting.push_back(std::move(next));
    } else {
      post(box, std::move(next));
    }
  }
}

void Mailboxes::post(Box& box, Answering answering) {
  auto token = box.mailbox.keys.answer_token(answering.id, *answering.answer);
  if (token.empty()) return;
  ++box.posting;
  const std::uint64_t key = begin(box, "/answer", std::move(token), options_.answer);
  errands_.at(key).answering = std::move(answering);
}

void Mailboxes::settle(Ended ended) {
  auto node = errands_.extract(ended.key);
  if (node.empty()) return;  // its mailbox was taken away
  Errand& errand = node.mapped();
  if (errand.answering) {
    settle_answer(*errand.box, std::move(*errand.answering), ended.answer);
  } else {
    settle_poll(*errand.box, errand.begun, ended.answer);
  }
}

void Mailboxes::settle_answer(Box& box, Answering answering, const Result<Fetched>& answer) {
  --box.posting;
  // What the host says no to, it does not want: the client has gone, or asked elsewhere.
  if (answer.ok() && answer.value().status < 500) return;
  if (++answering.tries >= kMostTries) return;
  answering.due = clock_.ticks() + kShortestPause * answering.tries;
  box.waiting.push_back(std::move(answering));
}

void Mailboxes::settle_poll(Box& box, Duration begun, const Result<Fetched>& answer) {
  box.polling.reset();
  if (!answer.ok()) return fail(box, answer.error().message);
  const Fetched& got = answer.value();
  if (got.status != 200 && got.status != 204) {
    return fail(box, "it answered " + std::to_string(got.status));
  }
  bool brought = false;
  if (got.status == 200) {
    std::optional<Error> wrong;
    brought = run(box, got.body, wrong);
    if (wrong) return fail(box, wrong->message);
  }
  if (std::exchange(box.told, false)) tell("answers again");
  box.pause = Duration(0);
  box.next_poll = brought ? clock_.ticks() : begun + kBetweenEmptyPolls;
}

// True when the envelope brought something new.
bool Mailboxes::run(Box& box, const std::string& envelope, std::optional<Error>& wrong) {
  auto read = read_envelope(envelope, options_.rules, handler_, box.mailbox.vid, box.mailbox.peer);
  if (!read.ok()) {
    wrong = std::move(read).error();
    return false;
  }
  bool brought = false;
  for (auto& enclosed : std::move(read).value()) {
    if (box.executed.begin(enclosed.id)) {
      brought = true;
      execute(box, std::move(enclosed));
    } else if (auto again = box.executed.answer_to(enclosed.id)) {
      box.waiting.push_back({std::move(enclosed.id), std::move(again), 0, clock_.ticks()});
    }
  }
  return brought;
}

void Mailboxes::execute(Box& box, Enclosed enclosed) {
  ++box.serving;
  auto slip = std::make_shared<Slip>(inbox_, box, std::move(enclosed.id));
  if (const auto* refused = std::get_if<routes::Refusal>(&enclosed.content)) {
    return slip->send(routes::problem(*refused));
  }
  handed_over_ = true;
  handler_.handle(std::get<routes::Request>(std::move(enclosed.content)), std::move(slip));
}

void Mailboxes::fail(Box& box, const std::string& why) {
  box.pause = std::clamp(box.pause * 2, Duration(kShortestPause), Duration(kLongestPause));
  box.next_poll = clock_.ticks() + box.pause;
  if (!std::exchange(box.told, true)) tell("does not answer and is asked again later: " + why);
}

// Which brand's it is stands in no log.
void Mailboxes::tell(const std::string& what) const {
  if (options_.tell) options_.tell("a brand's mailbox " + what);
}

// How long nothing will be due.
Duration Mailboxes::rest() const {
  const Duration now = clock_.ticks();
  const auto polling = std::count_if(boxes_.begin(), boxes_.end(), [](const auto& one) {
    return one.second->polling.has_value();
  });
  const bool may_poll = static_cast<std::size_t>(polling) < options_.polls;
  Duration next = now + kLongestPause;
  for (const auto& [key, box] : boxes_) {
    if (!box->active) continue;
    const bool polls = may_poll && !box->polling && box->has_room(options_.unanswered);
    if (polls) next = std::min(next, box->next_poll);
    if (box->posting >= options_.answers) continue;
    for (const auto& one : box->waiting) next = std::min(next, one.due);
  }
  return std::max(next - now, Duration(0));
}

}  // namespace vrm::outbound
