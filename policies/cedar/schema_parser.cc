#include "policies/cedar/schema_parser.h"

#include "policies/cedar/annotation_parser.h"
#include "policies/cedar/token_reader.h"

namespace cedar {

namespace {

class SchemaParser {
 public:
  explicit SchemaParser(TokenReader& reader) : reader_(reader) {}

  vrm::Result<SchemaFragment> fragment() {
    SchemaFragment fragment;
    while (reader_.peek().kind != Token::Kind::End) {
      std::vector<Annotation> annotations = TRY(parse_annotations(reader_));
      if (reader_.peek().is_word("namespace")) {
        TRY(name_space(fragment, std::move(annotations)));
      } else {
        TRY(declaration(fragment.namespaces[""], std::move(annotations)));
      }
    }
    return fragment;
  }

 private:
  vrm::Result<void> name_space(SchemaFragment& fragment, std::vector<Annotation> annotations) {
    reader_.take();
    const Position at = reader_.peek().at;
    const std::string name = TRY(reader_.need_name());
    const auto [added, is_new] = fragment.namespaces.try_emplace(name);
    if (!is_new) return malformed_at(at, "the namespace `" + name + "` is declared twice");
    added->second.annotations = std::move(annotations);
    TRY(reader_.need_symbol("{"));
    while (!reader_.take_symbol("}")) {
      std::vector<Annotation> inner = TRY(parse_annotations(reader_));
      TRY(declaration(added->second, std::move(inner)));
    }
    return {};
  }

  vrm::Result<void> declaration(SchemaNamespace& into, std::vector<Annotation> annotations) {
    if (reader_.take_word("entity")) return entity_types(into, std::move(annotations));
    if (reader_.take_word("action")) return actions(into, std::move(annotations));
    if (reader_.take_word("type")) return common_type(into, std::move(annotations));
    auto error = reader_.unexpected();
    error.message += ", where `entity`, `action` or `type` was expected";
    return error;
  }

  vrm::Result<void> common_type(SchemaNamespace& into, std::vector<Annotation> annotations) {
    const Position at = reader_.peek().at;
    const std::string name = TRY(reader_.need_identifier());
    TRY(reader_.need_symbol("="));
    SchemaTypePtr aliased = TRY(type(0));
    TRY(reader_.need_symbol(";"));
    CommonTypeDeclaration declared{at, std::move(annotations), std::move(aliased)};
    return declare(into, name, std::move(declared));
  }

  template <typename Declaration>
  static vrm::Result<void> declare(SchemaNamespace& into, const std::string& name,
                                   Declaration declared) {
    const Position at = declared.at;
    const auto done = into.declare(name, std::move(declared));
    if (!done.ok()) return malformed_at(at, done.error().message);
    return {};
  }

  // A name with its place, for what it declares.
  struct Declared {
    Position at;
    std::string name;
  };

  vrm::Result<void> entity_types(SchemaNamespace& into, std::vector<Annotation> annotations) {
    std::vector<Declared> names;
    do {
      const Position at = reader_.peek().at;
      std::string name = TRY(reader_.need_identifier());
      names.push_back({at, std::move(name)});
    } while (reader_.take_symbol(","));
    EntityTypeDeclaration declared{.at = {}, .annotations = std::move(annotations)};
    if (reader_.take_word("enum")) {
      declared.ids = TRY(ids());
    } else {
      TRY(entity_body(declared));
    }
    TRY(reader_.need_symbol(";"));
    for (const auto& [at, name] : names) {
      declared.at = at;
      TRY(declare(into, name, declared));
    }
    return {};
  }

  vrm::Result<void> entity_body(EntityTypeDeclaration& declared) {
    if (reader_.take_word("in")) declared.parents = TRY(type_names());
    if (reader_.take_symbol("=") || reader_.peek().is("{")) declared.shape = TRY(record(0));
    if (reader_.take_word("tags")) declared.tags = TRY(type(0));
    return {};
  }

  // ["a", "b"]: at least one, and no comma behind the last.
  vrm::Result<std::vector<std::string>> ids() {
    std::vector<std::string> ids;
    TRY(reader_.need_symbol("["));
    do {
      std::string id = TRY(reader_.need_string());
      ids.push_back(std::move(id));
    } while (reader_.take_symbol(","));
    TRY(reader_.need_symbol("]"));
    return ids;
  }

  // A, or [A, B], or [].
  vrm::Result<std::vector<std::string>> type_names() {
    std::vector<std::string> names;
    const bool listed = reader_.take_symbol("[");
    if (listed && reader_.take_symbol("]")) return names;
    do {
      std::string name = TRY(reader_.need_name());
      names.push_back(std::move(name));
    } while (listed && reader_.take_symbol(","));
    if (listed) TRY(reader_.need_symbol("]"));
    return names;
  }

  vrm::Result<void> actions(SchemaNamespace& into, std::vector<Annotation> annotations) {
    std::vector<Declared> names;
    do {
      const Position at = reader_.peek().at;
      std::string name = TRY(word_or_string());
      names.push_back({at, std::move(name)});
    } while (reader_.take_symbol(","));
    ActionDeclaration declared{.at = {}, .annotations = std::move(annotations)};
    if (reader_.take_word("in")) declared.parents = TRY(action_references());
    if (reader_.take_word("appliesTo")) TRY(applies_to(declared, names.front().name));
    if (reader_.take_word("attributes")) {  // of an early form of the language: always empty
      TRY(reader_.need_symbol("{"));
      TRY(reader_.need_symbol("}"));
    }
    TRY(reader_.need_symbol(";"));
    for (const auto& [at, name] : names) {
      declared.at = at;
      TRY(declare(into, name, declared));
    }
    return {};
  }

  vrm::Result<std::string> word_or_string() {
    if (reader_.peek().kind == Token::Kind::String) return reader_.need_string();
    return reader_.need_identifier();
  }

  vrm::Result<std::vector<ActionReference>> action_references() {
    std::vector<ActionReference> references;
    const bool listed = reader_.take_symbol("[");
    do {
      ActionReference reference = TRY(action_reference());
      references.push_back(std::move(reference));
    } while (listed && reader_.take_symbol(","));
    if (listed) TRY(reader_.need_symbol("]"));
    return references;
  }

  vrm::Result<ActionReference> action_reference() {
    if (reader_.at_entity()) {
      const EntityUid uid = TRY(reader_.need_entity());
      return ActionReference{uid.type(), uid.id()};
    }
    std::string id = TRY(word_or_string());
    return ActionReference{{}, std::move(id)};
  }

  vrm::Result<void> applies_to(ActionDeclaration& declared, const std::string& action) {
    const Position at = reader_.peek().at;
    bool principal = false;
    bool resource = false;
    bool context = false;
    TRY(reader_.need_symbol("{"));
    do {
      const Token word = reader_.peek();
      if (reader_.take_word("principal")) {
        TRY(once(principal, word));
        declared.principals = TRY(needed_types(word));
      } else if (reader_.take_word("resource")) {
        TRY(once(resource, word));
        declared.resources = TRY(needed_types(word));
      } else if (reader_.take_word("context")) {
        TRY(once(context, word));
        declared.context = TRY(context_type());
      } else {
        auto error = reader_.unexpected();
        error.message += ", where `principal`, `resource` or `context` was expected";
        return error;
      }
    } while (reader_.take_symbol(",") && !reader_.peek().is("}"));
    TRY(reader_.need_symbol("}"));
    if (principal && resource) return {};
    return malformed_at(at, "the action `" + action + "` lacks its `" +
                                (principal ? "resource" : "principal") +
                                "`: what applies to something names both");
  }

  // After `principal` and its like. Malformed: it was there before.
  vrm::Result<void> once(bool& seen, const Token& word) {
    if (seen) return malformed_at(word.at, "`" + std::string(word.text) + "` stands twice");
    seen = true;
    return reader_.need_symbol(":");
  }

  vrm::Result<std::vector<std::string>> needed_types(const Token& word) {
    std::vector<std::string> names = TRY(type_names());
    if (names.empty())
      return malformed_at(word.at,
                          "`" + std::string(word.text) +
                              "` is `[]`: an action that applies to nothing has no appliesTo");
    return names;
  }

  // A record, or the name of a common type that is one.
  vrm::Result<SchemaTypePtr> context_type() {
    if (reader_.peek().is("{")) return record(0);
    const Position at = reader_.peek().at;
    std::string name = TRY(type_name());
    return make_schema_type({at, SchemaType::Kind::Common, std::move(name)});
  }

  // As need_name(), or a name of the language's own, such as __cedar::Long.
  vrm::Result<std::string> type_name() {
    if (!reader_.peek().is_word("__cedar") || !reader_.peek(1).is("::")) return reader_.need_name();
    reader_.take();
    reader_.take();
    const std::string name = TRY(reader_.need_name());
    return "__cedar::" + name;
  }

  vrm::Result<SchemaTypePtr> type(int depth) {
    const Position at = reader_.peek().at;
    if (reader_.peek().is("{")) return record(depth);
    if (reader_.peek().is_word("Set") && reader_.peek(1).is("<")) {
      if (depth >= kMaxTypeNesting) return malformed_at(at, "types are nested too deeply");
      reader_.take();
      reader_.take();
      SchemaTypePtr element = TRY(type(depth + 1));
      TRY(reader_.need_symbol(">"));
      return make_schema_type({at, SchemaType::Kind::Set, "", std::move(element)});
    }
    std::string name = TRY(type_name());
    return make_schema_type({at, SchemaType::Kind::EntityOrCommon, std::move(name)});
  }

  // { a: Long, @doc("x") "b c"?: String, }; of a name twice the last counts, as in the reference.
  vrm::Result<SchemaTypePtr> record(int depth) {
    SchemaType made{reader_.peek().at, SchemaType::Kind::Record};
    if (depth >= kMaxTypeNesting) return malformed_at(made.at, "types are nested too deeply");
    TRY(reader_.need_symbol("{"));
    while (!reader_.take_symbol("}")) {
      SchemaAttribute attribute{};
      attribute.annotations = TRY(parse_annotations(reader_));
      const std::string name = TRY(word_or_string());
      attribute.required = !reader_.take_symbol("?");
      TRY(reader_.need_symbol(":"));
      attribute.type = TRY(type(depth + 1));
      made.attributes.insert_or_assign(name, std::move(attribute));
      if (reader_.take_symbol(",")) continue;
      TRY(reader_.need_symbol("}"));
      break;
    }
    return make_schema_type(std::move(made));
  }

  TokenReader& reader_;
};

}  // namespace

vrm::Result<SchemaFragment> parse_schema(std::string_view text) {
  std::vector<Token> tokens = TRY(tokens_of(text));
  TokenReader reader(std::move(tokens));
  return SchemaParser(reader).fragment();
}

}  // namespace cedar
