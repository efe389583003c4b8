#pragma once
// Names that are made to be taken for another's: letters of other scripts, figures for letters, one letter changed.

#include <optional>
#include <string>
#include <string_view>

namespace vrm::brands {

// What a text looks like: letters of other shapes and scripts brought to the Latin ones they pass for (Unicode TR 39 gives
// the idea), lower case, accents taken off, figures in a word read as letters (`decathl0n`; a number of its own stays one),
// all but letters and figures dropped. `i`, `l`, `I` and `1` pass for one another only as far as they do in what is
// compared: hosts are read in any case, in a name a capital I passes for a small l.
enum class Seen { InHost, InName, InNameWithBars };  // InNameWithBars: each capital I read as l
std::string skeleton(std::string_view text, Seen seen);

// The host as a reader sees it: punycode labels decoded, without port. The host itself when it does not decode.
std::string shown_host(std::string_view host_and_port);

// True when two different hosts, or two names of different hosts, look alike: the same skeleton; skeletons of seven letters
// or more that differ in one letter; or of five or more that differ by two neighbours exchanged. Names that differ by
// their accents alone are the same to a reader, so they look alike; an accent makes no two other names alike. Shorter names
// that differ in a letter are different names: Casio and Casino, Müller and Miller.
bool hosts_look_alike(std::string_view a, std::string_view b);
bool names_look_alike(std::string_view a, std::string_view b);

}  // namespace vrm::brands
