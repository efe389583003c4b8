#pragma once
// The carrier without a door: brands' mailboxes are asked for requests, which run through the same
// routes, and the answers are posted back (docs/api/brand.md, "Mailbox").
//
//   POST {M}/poll -> 204, or an envelope -> Handler::handle for each new id -> POST {M}/answer
//
// A request's id is executed once. The id again, while its answer is still held, gets that answer
// again; later nothing. A mailbox that does not answer, or not as it should, is asked again after
// 1 s, then twice that, up to 60 s.
//
// One thread asks all mailboxes, calls the handler, finishes answers and signs. A Reply may be
// answered from any thread, also when the mailboxes are gone.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vault/base/clock.h"
#include "vault/outbound/calls.h"
#include "vault/outbound/envelope.h"
#include "vault/outbound/executed.h"
#include "vault/routes/request.h"

namespace vrm::outbound {

// Called on the mailboxes' thread, and perhaps once more after set() took the mailbox away. An empty
// text says that nothing can be signed now (the vault is sealed).
struct MailboxKeys {
  std::function<std::string()> poll_token;
  std::function<std::string(const std::string& id, const routes::Answer&)> answer_token;
};

struct Mailbox {
  std::string url;   // {M}, without a slash at its end
  std::string vid;   // the issuer whose requests are taken
  std::string peer;  // of its requests
  MailboxKeys keys;
};

struct MailboxOptions {
  EnvelopeRules rules{.methods = {"GET", "POST", "PUT", "DELETE"}};
  Duration held = std::chrono::seconds(40);    // the longest a poll may take; a host holds it 30 s
  Duration answer = std::chrono::seconds(10);  // the same of an answer
  std::size_t polls = 256;                     // at once
  std::size_t answers = 8;                     // posted at once, of one mailbox
  std::size_t unanswered = 64;  // of one mailbox; it is not asked for more until some are answered
  Executed::Limits executed;
  // A line for the log, when a mailbox ceases to answer and when it does again. Null: no log.
  std::function<void(const std::string& line)> tell;
};

class Mailboxes {
 public:
  Mailboxes(std::unique_ptr<Calls> calls, routes::Handler& handler, const Clock& clock,
            MailboxOptions options = {});
  ~Mailboxes();
  Mailboxes(const Mailboxes&) = delete;
  Mailboxes& operator=(const Mailboxes&) = delete;

  // Any thread; does not wait. From now on these are asked and no others. What others were being
  // asked is cut short and their answers are forgotten, but not which ids were executed.
  void set(std::vector<Mailbox> mailboxes);
  // Ends every call and joins the thread.
  void stop();

 private:
  struct Inbox;
  class Slip;
  struct Answering;
  struct Box;
  struct Errand;

  void work();
  void take_set();
  void retire(Box& box);
  void take_replies();
  void start_polls();
  void poll(Box& box);
  void settle(Ended ended);
  void settle_poll(Box& box, Duration begun, const Result<Fetched>& answer);
  void settle_answer(Box& box, Answering answering, const Result<Fetched>& answer);
  bool run(Box& box, const std::string& envelope, std::optional<Error>& wrong);
  void execute(Box& box, Enclosed enclosed);
  void post(Box& box, Answering answering);
  void post_waiting(Box& box);
  void fail(Box& box, const std::string& why);
  Duration rest() const;
  std::uint64_t begin(Box& box, const char* where, std::string token, Duration total);
  void tell(const std::string& what) const;

  const std::unique_ptr<Calls> calls_;
  routes::Handler& handler_;
  const Clock& clock_;
  const MailboxOptions options_;
  const std::shared_ptr<Inbox> inbox_;
  // The mailboxes' thread only.
  std::map<std::string, std::unique_ptr<Box>> boxes_;  // also those that are asked no more
  std::map<std::uint64_t, Errand> errands_;
  std::uint64_t calls_made_ = 0;
  bool handed_over_ = false;  // to the handler, since turn_ended()

  std::mutex mutex_;
  std::optional<std::vector<Mailbox>> next_set_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vrm::outbound
