#pragma once
// Days as a person types and reads them: "friday", "demain", "27 Nov", "27/11/2026", "in 3 days",
// "2026-11-27".

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/screen.h"
#include "vault/base/result.h"

namespace vrm::cli {

using Day = std::chrono::sys_days;

// The day it is where the person is.
Day today();

// "2026-11-27".
std::string date_text(Day day);

// A weekday is the next one, today not counted; a day and month without a year is the next one, up
// to ten months ahead; 3d, "2 weeks" and "dans 3 jours" are so far ahead. Words are English and French, whatever the person's
// language is; 03/04/2027 is as calendar_day says.
// Malformed: date.unknown (no day), date.past (over; a day and month that was lately, too).
Result<Day> day_from_typed(std::string_view typed, Day today, words::Language language);

// A day whose year was typed, past or to come: 1990-04-03, 3 avril 1990, April 3 1990. 03/04/1990 is
// day and month in French; in English only where it can be nothing else, as 27/11/1990 or 11/27/1990.
std::optional<Day> calendar_day(std::string_view typed, words::Language language);

// Both days that 03/04/1990 may be in English, day before month first; none where calendar_day has one.
std::optional<std::pair<Day, Day>> either_day(std::string_view typed, words::Language language);

// "14 Feb 1990".
std::string spelled_day(const Screen& screen, Day day);

// A length of hours, days or weeks as duration_from_text reads it: "3d" of "3 days", "3 jours",
// "dans 3 jours", "in 3 days"; "1w" of "a week". Else as it was typed, for others to read or refuse.
std::string length_from_typed(std::string_view typed);

// A day that is over or today: today, yesterday, hier, the last friday.
std::optional<Day> past_day(std::string_view typed, Day today);

// A moment in RFC 3339; or by the owner's clock: a day (its midnight), a day and an hour ("2026-11-21 14:30"), an hour of
// today, a day as past_day reads it. Nothing: none of these.
std::optional<Instant> moment_from_typed(const std::string& typed);

// A date of the wire as the person reads it: "today", "Thu 26 Nov", with the year when it is
// another one; as it is when stdout is no terminal.
std::string shown_day(const Screen& screen, std::string_view date, Day today);

// The same without the weekday: "26 Nov".
std::string short_day(const Screen& screen, std::string_view date, Day today);

}  // namespace vrm::cli
