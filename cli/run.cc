#include "cli/run.h"

#include "cli/call.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "vault/api/error.h"

namespace vrm::cli {

namespace {

// What a refusal shows of a command's arguments.
Error in_own_words(const Screen& screen, Error error) {
  for (auto& [gap, text] : error.with)
    if (gap == "usage" || gap == "value") text = placeholders(screen, text);
  return error;
}

Result<void> run_typed(const Typed& typed, Screen& screen) {
  TRY(check_settings(typed.global));
  const Call nothing;
  Session bare(nothing, typed.global, screen);
  if (has_flag(typed.global, "version")) {
    show_version(screen);
    return {};
  }
  if (typed.rest.empty() && !has_flag(typed.global, "help")) {
    show_overview(bare);
    return {};
  }
  // Help needs only the command's name, not arguments that make sense.
  if (has_flag(typed.global, "help")) {
    Call call;
    for (const auto& word : typed.rest)
      if (!word.starts_with('-') && call.arguments.size() < 2) call.arguments.push_back(word);
    if (call.arguments.size() == 2 &&
        find_command(call.arguments[0] + " " + call.arguments[1]) == nullptr)
      call.arguments.pop_back();
    Session help(call, typed.global, screen);
    return run_help(help);
  }
  // A family of which no command can be meant when it stands alone is explained.
  const auto& noun = typed.rest[0];
  if (typed.rest.size() == 1 && is_family(noun) && find_command(noun) == nullptr &&
      meaning_of(noun).empty()) {
    Call call;
    call.arguments = {noun};
    Session help(call, typed.global, screen);
    return run_help(help);
  }
  const auto call = read_call(typed.rest);
  if (!call.ok()) return in_own_words(screen, call.error());
  Session session(call.value(), typed.global, screen);
  tell_when_interrupted(screen, call.value().command->name);
  return call.value().command->run(session);
}

int ended(Screen& screen, const Result<void>& result) {
  const auto written = screen.finish();
  const auto& failed = result.ok() ? written : result;
  if (failed.ok()) return static_cast<int>(api::Exit::Ok);
  screen.failure(failed.error());
  return static_cast<int>(api::exit_code(failed.error()));
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  auto typed = take_global_flags(arguments);
  if (!typed.ok()) {
    Screen screen(settings_from({}));
    return ended(screen, in_own_words(screen, typed.error()));
  }
  Screen screen(settings_from(typed.value().global));
  return ended(screen, run_typed(typed.value(), screen));
}

}  // namespace vrm::cli
