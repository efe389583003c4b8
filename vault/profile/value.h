#pragma once
// Typed values: what a person types becomes one canonical text, or a clear refusal.
//
//   type         canonical text         what a brand gets
//   text         as typed, one line     "value":"Ana"
//   multiline    as typed               "value":"1 rue X\nBât. B"
//   date         2004-02-29             "value":"2004-02-29"
//   email        Ana@example.org        "value":"Ana@example.org"        (the domain in lower case)
//   phone        +33612345678           "value":"+33612345678"           (E.164)
//   country      FR                     "value":"FR"                     (ISO 3166-1 alpha-2)
//   postal_code  69007                  "value":"69007"
//   language     fr-FR                  "value":"fr-FR"                  (the shape of BCP 47)
//   number       42 or 42.5             "value":42 or "value":"42.5"     (an integer, or a decimal
//   as text) measure      178 cm                 "value":"178","unit":"cm" money        849.00 EUR
//   "value":"849.00","unit":"EUR"    (ISO 4217) url          https://example.org/
//   "value":"https://example.org/" bool         true                   "value":true

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace vrm::profile {

enum class Type {
  Text,
  Multiline,
  Date,
  Email,
  Phone,
  Country,
  PostalCode,
  Language,
  Number,
  Measure,
  Money,
  Url,
  Bool,
};

inline constexpr std::size_t kMaxValueBytes = 4096;

std::string_view to_string(Type type);
std::optional<Type> type_from_text(std::string_view text);

// A value of this type as a person would type it; a measure in `unit`, where one is given.
std::string example_of(Type type, std::string_view unit = "");

// The canonical text of what was typed. A measure typed without a unit gets `unit`, when there is
// one. Malformed: profile.empty_value, value_too_long, not_text, control_character, or bad_<type>.
// The sentence names the field, what was typed and an example; the message for logs names neither.
Result<std::string> parse_value(Type type, std::string_view field, std::string_view typed,
                                std::string_view unit = {});

// Appends "value":… and, for a measure or money, ,"unit":… . REQUIRES: `canonical` came from
// parse_value of this type.
void append_value_json(Type type, std::string_view canonical, std::string& out);

// Appends `text` as a JSON string.
void append_json_string(std::string_view text, std::string& out);

// E.164 of a number typed with + or 00 before the country, or as a French national number. Nothing:
// neither.
std::optional<std::string> normalise_phone(std::string_view typed);

// The ISO 3166-1 alpha-2 code of a code or of a country's common English or French name. Nothing:
// unknown.
std::optional<std::string> country_code(std::string_view typed);

}  // namespace vrm::profile
