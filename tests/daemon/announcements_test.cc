// When the owner is told of what waits, and by what: quiet hours, the digest, and the owner's own command.

#include "vault/daemon/announcements.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/support/fake_clock.h"
#include "vault/daemon/notifier.h"

using namespace vrm;  // tests only
using daemon::AnnouncementOptions;
using daemon::Announcements;
using daemon::Notifier;
using daemon::QuietHours;

namespace {

constexpr int at(int hour, int minute = 0) {
  return hour * 60 + minute;
}

class NotifyFolder {
 public:
  NotifyFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-notify-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~NotifyFolder() { std::filesystem::remove_all(path); }
  NotifyFolder(const NotifyFolder&) = delete;
  NotifyFolder& operator=(const NotifyFolder&) = delete;

  std::string text_of(const char* name) const {
    std::ifstream in(path / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path path;
};

// Until it ended, at most some seconds.
bool ends(Notifier& notifier) {
  for (int i = 0; i < 500 && notifier.runs(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    notifier.tick();
  }
  return !notifier.runs();
}

}  // namespace

TEST_SUITE("daemon/announcements") {
  TEST_CASE("a time of day is HH:MM, quiet hours are two of them, and nothing else") {
    CHECK(daemon::minute_from_text("07:30") == at(7, 30));
    CHECK(daemon::minute_from_text("00:00") == 0);
    CHECK(daemon::minute_from_text("23:59") == at(23, 59));
    for (const char* text :
         {"", "7:30", "24:00", "07:60", "07-30", "07:3", "07:300", "+7:30", "ab:cd"}) {
      CAPTURE(text);
      CHECK(!daemon::minute_from_text(text));
    }
    const auto night = daemon::quiet_hours_from_text("22:00-07:30");
    REQUIRE(night);
    CHECK(night->hold(at(22)));
    CHECK(night->hold(at(23, 59)));
    CHECK(night->hold(0));
    CHECK(night->hold(at(7, 29)));
    CHECK(!night->hold(at(7, 30)));
    CHECK(!night->hold(at(21, 59)));
    const auto noon = daemon::quiet_hours_from_text("12:00-14:00");
    REQUIRE(noon);
    CHECK(noon->hold(at(12)));
    CHECK(!noon->hold(at(14)));
    CHECK(!noon->hold(0));
    for (const char* text : {"", "22:00", "22:00-22:00", "22:00-", "-07:30", "22:00-07:30-08:00"}) {
      CAPTURE(text);
      CHECK(!daemon::quiet_hours_from_text(text));
    }
  }

  TEST_CASE("what is new is told once, and what went is no news") {
    Announcements all{AnnouncementOptions{}};
    CHECK(!all.are_due({}, {1, at(9)}));
    CHECK(all.are_due({"rq_A"}, {1, at(9)}));
    CHECK(!all.are_due({"rq_A"}, {1, at(10)}));
    CHECK(all.are_due({"rq_A", "rq_B"}, {1, at(10)}));
    CHECK(!all.are_due({"rq_B"}, {1, at(11)}));
    CHECK(!all.are_due({}, {2, at(11)}));
    CHECK(all.are_due({"rq_C"}, {2, at(11)}));
  }

  TEST_CASE("quiet hours hold back what comes, and let it go together when they end") {
    Announcements night{AnnouncementOptions{QuietHours{at(22), at(7, 30)}, {}}};
    CHECK(!night.are_due({"rq_A"}, {1, at(23)}));
    CHECK(!night.are_due({"rq_A", "rq_B"}, {2, at(3)}));
    CHECK(night.are_due({"rq_A", "rq_B"}, {2, at(7, 30)}));
    CHECK(!night.are_due({"rq_A", "rq_B"}, {2, at(8)}));
    CHECK(!night.are_due({"rq_C"}, {2, at(22)}));
    CHECK(!night.are_due({}, {3, at(8)}));  // it lapsed meanwhile
  }

  TEST_CASE("a digest tells once a day, of all that waits, and not in between") {
    Announcements daily{AnnouncementOptions{{}, at(8)}};
    CHECK(daily.are_due({"rq_A"}, {1, at(7)}));  // that of the day before, missed
    CHECK(!daily.are_due({"rq_A"}, {1, at(7, 30)}));
    CHECK(daily.are_due({"rq_A"}, {1, at(8)}));
    CHECK(!daily.are_due({"rq_A", "rq_B"}, {1, at(15)}));
    CHECK(!daily.are_due({"rq_A", "rq_B"}, {2, at(7, 59)}));
    CHECK(daily.are_due({"rq_A", "rq_B"}, {2, at(8, 1)}));
    CHECK(!daily.are_due({}, {3, at(8)}));
    CHECK(!daily.are_due({"rq_C"}, {3, at(9)}));  // for the next
    CHECK(daily.are_due({"rq_C"}, {4, at(8)}));
  }

  TEST_CASE("a digest whose hour is quiet comes when the quiet ends, over midnight too") {
    Announcements held{AnnouncementOptions{QuietHours{at(22), at(7, 30)}, at(23)}};
    CHECK(held.are_due({"rq_A"}, {1, at(12)}));
    CHECK(!held.are_due({"rq_A"}, {1, at(23)}));
    CHECK(!held.are_due({"rq_A"}, {2, at(6)}));
    CHECK(held.are_due({"rq_A"}, {2, at(7, 30)}));
    CHECK(!held.are_due({"rq_A"}, {2, at(20)}));
  }
}

TEST_SUITE("daemon/notifier") {
  TEST_CASE("the command reads the text, and has nothing else of the daemon") {
    const NotifyFolder folder;
    testing::FakeClock clock;
    const std::string out = folder.path.string();
    const int leaked = fcntl(STDIN_FILENO, F_DUPFD, 200);  // not closed at exec by itself
    REQUIRE(leaked >= 200);
    Notifier notifier(
        "cat > '" + out + "/said'; ls /proc/self/fd > '" + out +
            "/fds'; echo loud; echo louder >&2; tr '\\0' '\\n' < /proc/$$/cmdline > '" + out +
            "/words'",
        clock);
    notifier.run("2 requests wait: $(touch " + out + "/evil) `id` velo\n");
    REQUIRE(ends(notifier));
    close(leaked);
    CHECK(notifier.failure().empty());
    CHECK(folder.text_of("said") == "2 requests wait: $(touch " + out + "/evil) `id` velo\n");
    CHECK(!std::filesystem::exists(folder.path / "evil"));
    CHECK(folder.text_of("words").find("velo") == std::string::npos);
    const std::string fds = folder.text_of("fds");
    CHECK(fds.find(std::to_string(leaked) + "\n") == std::string::npos);
  }

  TEST_CASE("it fails when its command does, and is well again when that is") {
    const NotifyFolder folder;
    testing::FakeClock clock;
    Notifier notifier("test -e '" + (folder.path / "mended").string() + "'", clock);
    notifier.run("one");
    REQUIRE(ends(notifier));
    CHECK(notifier.failure() == "notify_failed");
    std::ofstream(folder.path / "mended") << "now";
    notifier.run("two");
    REQUIRE(ends(notifier));
    CHECK(notifier.failure().empty());
    Notifier missing("/nowhere/at/all", clock);
    missing.run("three");
    REQUIRE(ends(missing));
    CHECK(missing.failure() == "notify_failed");
  }

  TEST_CASE("what takes too long is ended with all it started, and nobody waited for it") {
    const NotifyFolder folder;
    testing::FakeClock clock;
    Notifier notifier("sleep 600 & echo $! > '" + (folder.path / "child").string() + "'; wait",
                      clock, std::chrono::seconds(5));
    notifier.run(std::string(4096, 'x'));  // which it never reads
    for (int i = 0; i < 500 && folder.text_of("child").size() < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    notifier.tick();
    CHECK(notifier.runs());
    clock.advance(std::chrono::seconds(6));
    REQUIRE(ends(notifier));
    CHECK(notifier.failure() == "notify_too_long");
    const pid_t child = std::stoi(folder.text_of("child"));
    bool gone = false;
    for (int i = 0; i < 500 && !gone; ++i) {
      // Ended: gone, or a corpse that whoever adopted it has still to bury.
      std::ifstream in("/proc/" + std::to_string(child) + "/stat");
      const std::string stat((std::istreambuf_iterator<char>(in)), {});
      gone = stat.empty() || stat.find(") Z ") != std::string::npos;
      if (!gone) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(gone);
  }

  TEST_CASE("a command takes the signals as any program does") {
    const NotifyFolder folder;
    testing::FakeClock clock;
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    Notifier notifier("kill -TERM $$; sleep 1; touch '" + (folder.path / "survived").string() + "'",
                      clock);
    notifier.run("");
    REQUIRE(ends(notifier));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(!std::filesystem::exists(folder.path / "survived"));
    CHECK(notifier.failure() == "notify_failed");
  }
}
