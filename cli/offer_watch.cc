#include "cli/offer_watch.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/intent_text.h"
#include "cli/news.h"
#include "cli/offer_table.h"
#include "vault/api/paths.h"
#include "vault/base/clock.h"
#include "vault/base/json.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr Duration kBetweenLooks = std::chrono::minutes(1);  // what is left of the time moves on

// Ctrl-C is how a person ends a watch: the terminal is left clean, and it is no failure. Where
// signals are ignored (nohup), they stay so.
void end_well_when_interrupted(bool terminal) {
  struct sigaction before {};
  if (sigaction(SIGINT, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction ending {};
  if (terminal)
    ending.sa_handler = [](int) {
      // The terminal drops what was written around the Ctrl-C; what cleans it comes behind that.
      constexpr int kDroppedMs = 50;
      poll(nullptr, 0, kDroppedMs);
      constexpr std::string_view kClean = "\x1B[0m\x1B[?7h\r\x1B[K";
      _exit(write(STDOUT_FILENO, kClean.data(), kClean.size()) < 0 ? 1 : 0);
    };
  else
    ending.sa_handler = [](int) { _exit(0); };
  sigaction(SIGINT, &ending, nullptr);
}

bool may_change(const json& intent) {
  const auto state = raw_at(intent, "state");
  return state == "open" || state == "accepting";
}

struct Comparison {
  std::string id;
  nlohmann::json intent;
  nlohmann::json offers;
  nlohmann::json asked_with;
};

class Watch {
 public:
  Watch(Session& session, Comparison watched)
      : session_(session),
        screen_(session.screen()),
        now_(std::move(watched)),
        news_(session, now_.id, number_at(now_.offers, "cursor"), [this] { show_away(); }) {}

  Result<void> run() {
    end_well_when_interrupted(session_.settings().redraws);
    show(json::object());
    while (may_change(now_.intent)) {
      const auto happened = TRY(news_.wait(kBetweenLooks));
      if (happened) TRY(look());
      if (!happened && session_.settings().redraws) draw("offers.watching");
    }
    screen_.keep_drawn();
    if (!session_.settings().json && !session_.settings().redraws) {
      screen_.flush();
      screen_.note("offers.over", gaps());
    }
    return {};
  }

 private:
  Result<void> look() {
    const auto intent_path = TRY(api::path_to(api::kIntents, now_.id));
    const auto offers_path = TRY(api::path_to(api::kIntents, now_.id, api::kIntentOffers));
    auto intent = TRY(news_.call({"GET", intent_path}));
    auto offers =
        TRY(news_.call({"POST", offers_path, write_json(now_.asked_with), BodyKind::Json}));
    const json before = std::exchange(now_.offers, std::move(offers));
    now_.intent = std::move(intent);
    show(before);
    return {};
  }

  void show(const json& before) {
    if (session_.settings().redraws) return draw("offers.watching");
    for (const auto& change : changes_between(before, now_.offers)) {
      if (session_.settings().json)
        screen_.document({{"schema", "vrm.change/1"},
                          {"at", to_rfc3339(SystemClock().now())},
                          {"kind", change.kind},
                          {"intent", text_at(now_.intent, "id")},
                          {"offer", *change.offer}});
      else
        tell(change);
    }
    screen_.flush();
  }

  void tell(const OfferChange& change) {
    const auto& offer = *change.offer;
    const std::vector<std::string> row = {screen_.word("change_of.", change.kind),
                                          text_at(offer, "id"),
                                          text_at(offer, "brand"),
                                          text_at(offer, "title"),
                                          money_at(offer, "total"),
                                          score_text(offer)};
    if (session_.settings().to_terminal)
      screen_.line(joined(row, "  "));
    else
      screen_.table({{}, {row}});
  }

  void draw(std::string_view last_line) {
    screen_.redraw([&] {
      show_offers(screen_, now_.intent, now_.offers);
      for (const auto& silence : silences(screen_, now_.intent))
        screen_.line(screen_.text("answer.of", silence));
      screen_.line("");
      screen_.line(may_change(now_.intent) ? screen_.text(last_line) : over());
    });
  }

  Gaps gaps() const {
    return {{"state", screen_.word("intent_state.", raw_at(now_.intent, "state"))}};
  }
  std::string over() const { return screen_.text("offers.over", gaps()); }

  void show_away() {
    if (session_.settings().redraws)
      draw("offers.away");
    else
      screen_.note("offers.away");
  }

  Session& session_;
  Screen& screen_;
  Comparison now_;
  News news_;
};

}  // namespace

Result<void> watch_offers(Session& session, const std::string& id, const nlohmann::json& intent,
                          const nlohmann::json& offers, const nlohmann::json& asked_with) {
  Comparison watched{id, intent, offers, asked_with};
  return Watch(session, std::move(watched)).run();
}

}  // namespace vrm::cli
