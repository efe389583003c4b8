#pragma once
// Questions to the person, on /dev/tty, so that they work while stdin and stdout are files.

#include <memory>
#include <string>
#include <string_view>

#include "cli/wiped_text.h"
#include "vault/base/result.h"

namespace vrm::cli {

// Whether there is a terminal to ask on.
bool has_terminal();

enum class Echo { Shown, Hidden };

// Asks and reads one line. A signal meanwhile restores the terminal before it acts.
// Unavailable: no terminal. Malformed: the line is longer than a WipedText, or the terminal was
// closed.
Result<WipedText> ask(std::string_view question, Echo echo);

// While it lives, nothing that is typed is shown, between the questions either; what was typed ahead
// is dropped when it ends. A signal that ends the process gives the terminal back first.
class Hush {
 public:
  // Does nothing without a terminal, or when not `wanted`.
  explicit Hush(bool wanted);
  Hush(const Hush&) = delete;
  Hush& operator=(const Hush&) = delete;
  ~Hush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vrm::cli
