#include "policies/cedar/annotation_parser.h"

#include <algorithm>

namespace cedar {

namespace {

vrm::Result<Annotation> parse_annotation(TokenReader& reader) {
  const Position at = reader.take().at;
  if (reader.peek().kind != Token::Kind::Identifier) return reader.unexpected();
  Annotation annotation{at, std::string(reader.take().text), {}};
  if (!reader.take_symbol("(")) return annotation;
  annotation.value = TRY(reader.need_string());
  TRY(reader.need_symbol(")"));
  return annotation;
}

}  // namespace

vrm::Result<std::vector<Annotation>> parse_annotations(TokenReader& reader) {
  std::vector<Annotation> annotations;
  while (reader.peek().is("@")) {
    Annotation next = TRY(parse_annotation(reader));
    for (const auto& each : annotations)
      if (each.name == next.name)
        return malformed_at(next.at, "duplicate annotation: @" + next.name);
    annotations.push_back(std::move(next));
  }
  return annotations;
}

}  // namespace cedar
