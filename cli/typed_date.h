#pragma once
// Days as a person types and reads them: "friday", "demain", "27 Nov", "2026-11-27".

#include <chrono>
#include <string>
#include <string_view>

#include "cli/screen.h"
#include "vault/base/result.h"

namespace vrm::cli {

using Day = std::chrono::sys_days;

// The day it is where the person is.
Day today();

// "2026-11-27".
std::string date_text(Day day);

// A weekday is the next one, today not counted; a day and month without a year is the next one, up
// to ten months ahead. English and French, whatever the person's language is.
// Malformed: date.unknown (no day), date.past (over; a day and month that was lately, too).
Result<Day> day_from_typed(std::string_view typed, Day today);

// A date of the wire as the person reads it: "today", "Thu 26 Nov", with the year when it is
// another one; as it is when stdout is no terminal.
std::string shown_day(const Screen& screen, std::string_view date, Day today);

// The same without the weekday: "26 Nov".
std::string short_day(const Screen& screen, std::string_view date, Day today);

}  // namespace vrm::cli
