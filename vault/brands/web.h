#pragma once
// The way out to brands, as the rooms see it. vault/outbound has the real one, with the rules that keep a brand's
// address from reaching this machine; tests bring their own.

#include <string>

#include "vault/base/result.h"

namespace vrm::brands {

struct Page {
  int status = 0;
  std::string content_type;
  std::string body;
};

class Web {
 public:
  virtual ~Web() = default;
  // Waits. Denied: an address that is not for us. Unavailable: no answer in time, or too long a one.
  virtual Result<Page> get(const std::string& url) = 0;
  virtual Result<Page> post(const std::string& url, const std::string& content_type,
                            const std::string& body) = 0;
  // Does not wait: tries again by itself until it is delivered or given up.
  virtual void deliver(const std::string& url, const std::string& content_type,
                       const std::string& body) = 0;
};

}  // namespace vrm::brands
