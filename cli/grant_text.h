#pragma once
// How grants are shown, and the terms that a person may set on one.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/session.h"

namespace vrm::cli {

// "a.b,c.d" as its parts; empty parts are dropped.
std::vector<std::string> fields_from(std::string_view typed);

// Puts --for, --max-reads and --served-while-locked into `body`. Malformed: no length of time, no
// number.
// What an agreement says, in the language of the screen.
std::string terms_said(const Screen& screen, const nlohmann::json& terms);
// "SD-BASE", or with its signature; "" where no terms were named.
std::string accepted_terms_text(const Screen& screen, const nlohmann::json& document);
Result<void> add_terms(const Session& session, nlohmann::json& body);

// Puts what --coarse, --once, --alias and --while-order say into `body`. A value that --alias leaves out is asked for.
// Malformed: not FIELD=CLAIM; nobody can be asked.
Result<void> add_forms(Session& session, nlohmann::json& body);

// The names of the list `name` of a grant or a request, each with the form in which it is given.
std::vector<std::string> given_texts(const Screen& screen, const nlohmann::json& document,
                                     const char* name);

// "delivery: livrer ce que vous avez acheté": the word that is typed, and what it means.
std::string purpose_text(const Screen& screen, const nlohmann::json& document);

// What goes beyond the uses that the brand's own document names, a line each: the purpose, how long it is kept.
std::vector<std::string> over_asking_texts(const Screen& screen, const nlohmann::json& document);

// Says which fields of a grant the owner has not got, and that less was given than --for says.
void note_shortfalls(Screen& screen, const nlohmann::json& grant);

// "2 / 3", or "2" where there is no limit.
std::string reads_text(const nlohmann::json& grant);

// The grant that `path` would make of this body, and what it would let its brand see; nothing is made.
Result<void> show_preview(Session& session, const std::string& path, const nlohmann::json& body);

// Who may read what, for what and until when, and how to take it back.
void show_grant(Screen& screen, const nlohmann::json& grant);

}  // namespace vrm::cli
