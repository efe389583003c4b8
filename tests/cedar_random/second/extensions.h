#pragma once
// The extension types of the second evaluator: decimal, ipaddr, datetime and duration, from their text to their methods.
//
// Source: docs.cedarpolicy.com/policies/syntax-datatypes.html and syntax-operators.html.

#include <string>
#include <vector>

#include "tests/cedar_random/second/value.h"

namespace cedar_second {

// Room for any sum or product of two longs.
__extension__ using Wide = __int128;
// Throws Erred: 64 bits do not hold it.
std::int64_t fit(Wide number);

bool is_extension(const std::string& name);

// Throws Erred: the wrong number or kinds of arguments, a text that is none of its type, an overflow.
Value call_extension(const std::string& name, const std::vector<Value>& arguments);

}  // namespace cedar_second
