#pragma once
// Names that are made to be taken for another's: letters of other scripts, figures for letters, one letter changed.

#include <optional>
#include <string>
#include <string_view>

namespace vrm::brands {

// What a name looks like: lower case, accents taken off, look-alike letters and figures brought to one (Unicode
// TR 39 gives the idea; the table is of the letters that pass for Latin ones), all but letters and figures dropped.
std::string skeleton(std::string_view text);

// The host as a reader sees it: punycode labels decoded, without port. The host itself when it does not decode.
std::string shown_host(std::string_view host_and_port);

// True when two different hosts, or two names of different hosts, look alike: the same skeleton, or skeletons of five
// letters or more that differ in one place. Accented names of real brands do not look like others by their accents
// alone unless the plain name is the other's.
bool hosts_look_alike(std::string_view a, std::string_view b);
bool names_look_alike(std::string_view a, std::string_view b);

}  // namespace vrm::brands
