// Any bytes as the JSON of entities, with a schema and without: read or refused; what is read reads back alike from what is written
// of it, and what conforms to the schema does so again.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/schema_parser.h"
#include "vault/base/check.h"

namespace {

cedar::Schema entity_schema() {
  const auto fragment = cedar::parse_schema(
      "entity G in G; entity C enum [\"r\"]; entity U in G { a?: Long, b?: ipaddr, c?: datetime, "
      "d?: "
      "decimal, e?: duration, f?: Set<U>, g?: {x?: C, y?: Action}, s?: String } tags Set<Bool>; "
      "action v;");
  return cedar::Schema::resolve(fragment.value()).value();
}

void check_entities_alike(const std::vector<cedar::Entity>& entities, const cedar::Schema* schema) {
  const auto written = cedar::entities_to_json(entities);
  const auto again = cedar::entities_from_json(written, schema);
  VRM_CHECK(again.ok() && again.value().size() == entities.size());
  for (std::size_t i = 0; i < entities.size(); ++i) {
    VRM_CHECK(again.value()[i].attributes == entities[i].attributes);
    VRM_CHECK(again.value()[i].tags == entities[i].tags);
    VRM_CHECK(again.value()[i].parents == entities[i].parents);
  }
  if (schema != nullptr)
    VRM_CHECK(cedar::check_entities(entities, *schema).ok() ==
              cedar::check_entities(again.value(), *schema).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cedar::Schema kSchema = entity_schema();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = vrm::read_json(text, cedar::kEntityJsonLimits);
  if (!json.ok()) return 0;
  for (const auto* schema : {static_cast<const cedar::Schema*>(nullptr), &kSchema}) {
    const auto entities = cedar::entities_from_json(json.value(), schema);
    if (!entities.ok()) continue;
    check_entities_alike(entities.value(), schema);
    static_cast<void>(cedar::Entities::make(entities.value()));
  }
  return 0;
}
