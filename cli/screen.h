#pragma once
// Where `vrm` writes: the answer on stdout, everything else on stderr.
//
// Each line passes through printable() here, so that no printer can let a stranger's escape
// through; colour is added behind that and never says anything alone. In --json mode stdout has one
// document and stderr one JSON line each.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "cli/table.h"
#include "cli/wrap.h"
#include "vault/base/error.h"

namespace vrm::cli {

// One line of JSON that a terminal shows safely: what printable() would replace is written as
// \uXXXX.
std::string safe_json(const nlohmann::json& value);
// The same over several lines.
std::string safe_json_pretty(const nlohmann::json& value);

class Screen {
 public:
  explicit Screen(Settings settings) : settings_(std::move(settings)) {}

  const Settings& settings() const { return settings_; }

  // The sentence, in the person's language; the commands it tells are for the vault that the person
  // named with a flag.
  std::string text(std::string_view key, const Gaps& with = {}) const;
  // Why something was refused, as text() has it.
  std::string text(const Error& error) const;
  // A command to type next that no sentence has, for the vault named.
  std::string command(std::string_view typed) const;
  std::string count(std::string_view key, std::int64_t n) const;
  // The sentence `prefix`+`word`, or the word itself when the catalogue has none: for words of a
  // newer daemon.
  std::string word(std::string_view prefix, std::string_view word) const;
  // The sentence as it is asked on the person's terminal.
  std::string question(std::string_view key, const Gaps& with) const;
  // A point in time as the wire has it: local and short on a terminal, as it is otherwise.
  std::string when(std::string_view rfc3339) const;

  // To stdout. A sentence's further lines are indented. What is wider than a terminal is broken as
  // wrapped() does.
  void line(std::string_view text);
  // A line whose text begins at `column`, and stays behind it. REQUIRES: column < 20, the least
  // terminal.
  void labelled(std::string_view label, std::size_t column, std::string_view text);
  // One line as it is: what is copied whole, as a value or a picture.
  void verbatim(std::string_view text);
  void say(std::string_view key, const Gaps& with = {});
  void table(const Table& table);
  // The label's sentence and the value, indented; nothing when the value is empty.
  void detail(std::string_view label, const std::string& value);
  void document(const nlohmann::json& value);
  // Bytes as they are. REQUIRES: stdout is no terminal.
  void raw(std::string_view bytes);

  // What `draw` writes takes the place of what the call before wrote, as far as the terminal shows
  // it. REQUIRES: settings().redraws.
  void redraw(const std::function<void()>& draw);
  // What was drawn last stays; the next redraw begins below it.
  void keep_drawn() { drawn_ = 0; }
  // What was written so far leaves, for one who reads along.
  void flush();

  // To stderr: what happens meanwhile, unless --quiet; and why the command failed.
  void note(std::string_view key, const Gaps& with = {});
  // What a document notes beside its answer, as note() does.
  void notes(const nlohmann::json& document);
  void failure(const Error& error);

  // Io: what was written did not reach stdout.
  Result<void> finish();

 private:
  void aligned(Table table);
  void err_line(std::string_view text, std::size_t hang = 2, std::string_view color = {});
  void out(std::string_view bytes);
  void out_line(std::string_view text, std::string_view color = {});

  Settings settings_;
  std::vector<std::string>* frame_ = nullptr;  // while a redraw collects its lines
  std::size_t drawn_ = 0;                      // lines that the last redraw left
  bool lost_ = false;                          // what was drawn could not be written
};

}  // namespace vrm::cli
