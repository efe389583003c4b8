#include "cli/typed_date.h"

#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

namespace chrono = std::chrono;

using Names = std::array<std::string_view, 2>;  // English, French without accents

constexpr std::array<Names, 7> kWeekdays = {{{"sunday", "dimanche"},
                                             {"monday", "lundi"},
                                             {"tuesday", "mardi"},
                                             {"wednesday", "mercredi"},
                                             {"thursday", "jeudi"},
                                             {"friday", "vendredi"},
                                             {"saturday", "samedi"}}};
constexpr std::array<Names, 12> kMonths = {{{"january", "janvier"},
                                            {"february", "fevrier"},
                                            {"march", "mars"},
                                            {"april", "avril"},
                                            {"may", "mai"},
                                            {"june", "juin"},
                                            {"july", "juillet"},
                                            {"august", "aout"},
                                            {"september", "septembre"},
                                            {"october", "octobre"},
                                            {"november", "novembre"},
                                            {"december", "decembre"}}};
struct Unit {
  std::string_view word;  // without its s
  char letter;            // of duration_from_text
};
constexpr std::array<Unit, 10> kUnits = {{{"d", 'd'},
                                          {"day", 'd'},
                                          {"j", 'd'},
                                          {"jour", 'd'},
                                          {"w", 'w'},
                                          {"week", 'w'},
                                          {"semaine", 'w'},
                                          {"h", 'h'},
                                          {"hour", 'h'},
                                          {"heure", 'h'}}};
constexpr std::size_t kLeastLetters = 3;
constexpr chrono::days kFarthestWithoutYear{304};

// Small letters without accents; what is no letter or digit parts the words.
std::vector<std::string> plain_words(std::string_view typed) {
  constexpr std::array<std::pair<std::string_view, char>, 9> kAccents = {{{"é", 'e'},
                                                                          {"É", 'e'},
                                                                          {"è", 'e'},
                                                                          {"È", 'e'},
                                                                          {"û", 'u'},
                                                                          {"Û", 'u'},
                                                                          {"’", '\''},
                                                                          {"\u00A0", ' '},
                                                                          {"\u202F", ' '}}};
  std::string plain;
  while (!typed.empty()) {
    std::size_t taken = 1;
    char letter = typed[0];
    for (const auto& [accented, base] : kAccents)
      if (typed.starts_with(accented)) {
        taken = accented.size();
        letter = base;
      }
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    plain += letter;
    typed.remove_prefix(taken);
  }
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : plain) {
    const bool parts = c == ' ' || c == '.' || c == ',';
    if (!parts && !inside) words.emplace_back();
    if (!parts) words.back() += c;
    inside = !parts;
  }
  return words;
}

// The place of the one that `word` is, or begins with three letters or more.
template <std::size_t N>
std::optional<unsigned> place_of(const std::array<Names, N>& names, std::string_view word) {
  std::optional<unsigned> found;
  for (unsigned at = 0; at < N; ++at)
    for (const auto name : names[at]) {
      if (name == word) return at;
      if (word.size() < kLeastLetters || !name.starts_with(word)) continue;
      if (found && *found != at) return std::nullopt;
      found = at;
    }
  return found;
}

std::optional<unsigned> number_of(std::string_view word) {
  unsigned number = 0;
  const auto* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number);
  if (word.empty() || word.size() > 4 || read.ec != std::errc() || read.ptr != end)
    return std::nullopt;
  return number;
}

std::optional<Day> relative_day(const std::vector<std::string>& words, Day today) {
  if (words.size() != 1) return std::nullopt;
  const auto& word = words[0];
  if (word == "today" || word == "aujourd'hui" || word == "aujourdhui") return today;
  if (word == "tomorrow" || word == "demain") return today + chrono::days(1);
  const auto weekday = place_of(kWeekdays, word);
  if (!weekday) return std::nullopt;
  const auto ahead = chrono::weekday(*weekday) - chrono::weekday(today);
  return today + (ahead == chrono::days(0) ? chrono::days(7) : ahead);
}

std::optional<chrono::month_day> month_day_of(const std::vector<std::string>& words) {
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  auto day = number_of(words[0] == "1er" ? "1" : words[0]);
  auto month = place_of(kMonths, words[1]);
  if (!day) {  // Nov 27
    day = number_of(words[1]);
    month = place_of(kMonths, words[0]);
  }
  if (!day || !month) return std::nullopt;
  const chrono::month_day found(chrono::month(*month + 1), chrono::day(*day));
  return found.ok() ? std::optional(found) : std::nullopt;
}

std::optional<Day> real(chrono::year year, chrono::month_day day) {
  const auto date = year / day;
  return date.ok() ? std::optional<Day>(date) : std::nullopt;
}

Day day_of(Instant midnight) {
  return chrono::floor<chrono::days>(chrono::sys_time<Duration>(Duration(midnight.ms)));
}

// What 27/11/2026, 27-11-2026 or 27.11.2026 may be by its three numbers.
struct ByNumbers {
  std::optional<Day> day_first;
  std::optional<Day> month_first;
};

ByNumbers days_of_numbers(std::string_view typed) {
  std::vector<std::string> numbers(1);
  for (const char c : typed)
    if (c == '/' || c == '-' || c == '.')
      numbers.emplace_back();
    else
      numbers.back() += c;
  if (numbers.size() != 3 || numbers[2].size() != 4) return {};
  const auto first = number_of(numbers[0]);
  const auto second = number_of(numbers[1]);
  const auto year = number_of(numbers[2]);
  if (!first || !second || !year) return {};
  const chrono::year in(static_cast<int>(*year));
  return {real(in, chrono::month(*second) / chrono::day(*first)),
          real(in, chrono::month(*first) / chrono::day(*second))};
}

std::optional<Day> day_of_numbers(std::string_view typed, words::Language language) {
  if (either_day(typed, language)) return std::nullopt;
  const auto days = days_of_numbers(typed);
  if (language == words::Language::French) return days.day_first;
  return days.day_first ? days.day_first : days.month_first;
}

// What stands before a length and changes nothing of it.
bool leads(std::string_view word) {
  for (const auto* one : {"in", "within", "for", "dans", "pendant", "sous", "d'ici"})
    if (word == one) return true;
  return false;
}

std::optional<char> unit_of(std::string_view word) {
  if (word.size() > 1 && word.ends_with('s')) word.remove_suffix(1);
  for (const auto& unit : kUnits)
    if (unit.word == word) return unit.letter;
  return std::nullopt;
}

// "3days" as "3" and "days".
std::vector<std::string> with_unit_apart(std::vector<std::string> words) {
  if (words.size() != 1) return words;
  const auto digits = words[0].find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos) return words;
  return {words[0].substr(0, digits), words[0].substr(digits)};
}

// 3d, 2w: so far from today.
std::optional<Day> day_ahead(std::string_view typed, Day today) {
  const auto plain = length_from_typed(typed);
  if (!plain.ends_with('d') && !plain.ends_with('w')) return std::nullopt;
  const auto length = duration_from_text(plain);
  if (!length.ok()) return std::nullopt;
  return today + chrono::floor<chrono::days>(length.value());
}

enum class Weekday { Shown, LeftOut };

std::string written_day(const Screen& screen, std::string_view date, Day today, Weekday weekday) {
  const auto written = date_from_text(date);
  if (!screen.settings().to_terminal || !written.ok()) return std::string(date);
  const auto day = day_of(written.value());
  if (day == today) return screen.text("day.today");
  if (day == today + chrono::days(1)) return screen.text("day.tomorrow");
  const chrono::year_month_day parts(day);
  if (parts.year() != chrono::year_month_day(today).year()) return std::string(date);
  const auto month = kMonths[static_cast<unsigned>(parts.month()) - 1][0];
  const auto shown = std::to_string(static_cast<unsigned>(parts.day())) + " " +
                     screen.text("month." + std::string(month));
  if (weekday == Weekday::LeftOut) return shown;
  const auto name = kWeekdays[chrono::weekday(day).c_encoding()][0];
  return screen.text("weekday." + std::string(name)) + " " + shown;
}

}  // namespace

std::string length_from_typed(std::string_view typed) {
  auto words = plain_words(typed);
  if (words.size() > 1 && leads(words[0])) words.erase(words.begin());
  words = with_unit_apart(std::move(words));
  if (words.size() != 2) return std::string(typed);
  const bool is_one = words[0] == "a" || words[0] == "an" || words[0] == "one" ||
                      words[0] == "un" || words[0] == "une";
  const auto number = is_one ? std::optional(1U) : number_of(words[0]);
  const auto unit = unit_of(words[1]);
  return number && unit ? std::to_string(*number) + *unit : std::string(typed);
}

Day today() {
  const std::time_t seconds = SystemClock().now().seconds();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return chrono::year(parts.tm_year + 1900) /
         chrono::month(static_cast<unsigned>(parts.tm_mon) + 1) /
         chrono::day(static_cast<unsigned>(parts.tm_mday));
}

std::string date_text(Day day) {
  const auto at = Instant{chrono::duration_cast<Duration>(day.time_since_epoch()).count()};
  return to_rfc3339(at).substr(0, 10);
}

std::optional<Day> calendar_day(std::string_view typed, words::Language language) {
  if (const auto written = date_from_text(typed); written.ok()) return day_of(written.value());
  if (const auto day = day_of_numbers(typed, language)) return day;
  const auto words = plain_words(typed);
  const auto month_day = month_day_of(words);
  if (!month_day || words.size() != 3 || words[2].size() != 4) return std::nullopt;
  const auto year = number_of(words[2]);
  return year ? real(chrono::year(static_cast<int>(*year)), *month_day) : std::nullopt;
}

std::optional<std::pair<Day, Day>> either_day(std::string_view typed, words::Language language) {
  if (language == words::Language::French) return std::nullopt;
  const auto days = days_of_numbers(typed);
  if (!days.day_first || !days.month_first || *days.day_first == *days.month_first)
    return std::nullopt;
  return std::pair(*days.day_first, *days.month_first);
}

std::string spelled_day(const Screen& screen, Day day) {
  const chrono::year_month_day parts(day);
  const auto month = kMonths[static_cast<unsigned>(parts.month()) - 1][0];
  return std::to_string(static_cast<unsigned>(parts.day())) + " " +
         screen.text("month." + std::string(month)) + " " +
         std::to_string(static_cast<int>(parts.year()));
}

std::optional<Day> past_day(std::string_view typed, Day today) {
  const auto words = plain_words(typed);
  if (words.size() != 1) return std::nullopt;
  const auto& word = words[0];
  if (word == "today" || word == "aujourd'hui" || word == "aujourdhui") return today;
  if (word == "yesterday" || word == "hier") return today - chrono::days(1);
  const auto weekday = place_of(kWeekdays, word);
  if (!weekday) return std::nullopt;
  const auto back = chrono::weekday(today) - chrono::weekday(*weekday);
  return today - (back == chrono::days(0) ? chrono::days(7) : back);
}

Result<Day> day_from_typed(std::string_view typed, Day today, words::Language language) {
  const Gaps with = {{"typed", std::string(typed)}};
  const auto not_past = [&](std::optional<Day> day) -> Result<Day> {
    if (!day) return refusal(ErrorCode::Malformed, "date.unknown", with);
    if (*day < today) return refusal(ErrorCode::Malformed, "date.past", with);
    return *day;
  };
  if (const auto day = calendar_day(typed, language)) return not_past(day);
  if (const auto day = day_ahead(typed, today)) return day.value();
  const auto words = plain_words(typed);
  if (const auto day = relative_day(words, today)) return not_past(day);
  const auto month_day = month_day_of(words);
  if (!month_day || words.size() == 3) return not_past(std::nullopt);
  const auto year = chrono::year_month_day(today).year();
  const auto this_year = real(year, *month_day);
  if (this_year && *this_year >= today) return *this_year;
  const auto next_year = real(year + chrono::years(1), *month_day);
  if (next_year && *next_year - today <= kFarthestWithoutYear) return *next_year;
  return not_past(this_year);
}

std::string short_day(const Screen& screen, std::string_view date, Day today) {
  return written_day(screen, date, today, Weekday::LeftOut);
}

std::string shown_day(const Screen& screen, std::string_view date, Day today) {
  return written_day(screen, date, today, Weekday::Shown);
}

namespace {

std::optional<Instant> local_instant(const std::string& typed, const char* shape, std::tm parts) {
  parts.tm_isdst = -1;
  const char* end = strptime(typed.c_str(), shape, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::tm wanted = parts;
  const auto seconds = std::mktime(&parts);
  if (parts.tm_mday != wanted.tm_mday || parts.tm_mon != wanted.tm_mon) return std::nullopt;
  return Instant{static_cast<std::int64_t>(seconds) * 1000};
}

}  // namespace

std::optional<Instant> moment_from_typed(const std::string& typed) {
  if (const auto at = instant_from_rfc3339(typed); at.ok()) return at.value();
  const std::time_t seconds = SystemClock().now().seconds();
  std::tm now{};
  localtime_r(&seconds, &now);
  now.tm_sec = 0;
  for (const auto* shape : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"})
    if (const auto at = local_instant(typed, shape, std::tm{})) return at;
  if (const auto at = local_instant(typed, "%H:%M", now)) return at;
  if (const auto day = past_day(typed, today()))
    return local_instant(date_text(*day), "%Y-%m-%d", std::tm{});
  return std::nullopt;
}

}  // namespace vrm::cli
