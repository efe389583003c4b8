#pragma once
// The way out to brands, as the rooms see it. vault/outbound has the real one, with the rules that keep a brand's
// address from reaching this machine; tests bring their own.

#include <string>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::brands {

struct Page {
  int status = 0;
  std::string content_type;
  std::string body;
};

// A message on its way to a brand. What is not Sent, Dead or Withdrawn is handed over again after a restart.
struct Message {
  std::string id;  // unique among those on their way
  std::string url;
  std::string content_type;
  std::string body;
  int attempts = 0;  // failures so far
  Instant due{};     // not before
};

// Retrying is told after each failure that is not the last; Sent, Dead and Withdrawn end a message. Dead: too many
// failures, or an answer that says that no other will come (4xx but 408, 425 and 429).
enum class Step { Sent, Retrying, Dead, Withdrawn };

struct Moved {
  std::string id;
  Step step = Step::Sent;
  int attempts = 0;
  Instant next{};  // when it is tried again, of Retrying
  // The brand's answer, when it gave one; else 0 and empty.
  int status = 0;
  std::string content_type;
  std::string body;
};

class Listener {
 public:
  virtual ~Listener() = default;
  // On the sender's thread: nothing is sent until it comes back. It may deliver and cancel.
  virtual void moved(const Moved& moved) = 0;
};

class Web {
 public:
  virtual ~Web() = default;
  // Waits. Denied: an address that is not for us. Unavailable: no answer in time, or too long a one.
  virtual Result<Page> get(const std::string& url) = 0;
  virtual Result<Page> post(const std::string& url, const std::string& content_type,
                            const std::string& body) = 0;
  // Does not wait: tries again by itself until it is delivered or given up. An id that is on its way is not taken again.
  virtual void deliver(std::vector<Message> messages) = 0;
  // Takes it back: Withdrawn follows, or Sent when it was just under way and arrived.
  virtual void cancel(const std::string& id) = 0;
  // Who hears what becomes of messages; null for nobody. Set before the first delivery. When it returns, the one before
  // hears nothing more.
  virtual void listen(Listener* listener) = 0;
};

}  // namespace vrm::brands
