#include <nlohmann/json.hpp>

#include "vault/base/json_once.h"

template class nlohmann::basic_json<>;
