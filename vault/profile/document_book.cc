#include "vault/profile/document_book.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/profile/field_name.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

using nlohmann::json;

constexpr std::size_t kMostNameBytes = kMaxFieldNameBytes - kDocumentGroup.size();
constexpr std::size_t kMostTypeBytes = 127;
constexpr std::string_view kWhenNothingIsLeft = "file";

// What the letters of Europe's west are in a field's name; "" for all others.
std::string_view plain_letters(char32_t scalar) {
  struct Run {
    std::u32string_view from;
    std::string_view to;
  };
  constexpr Run kRuns[] = {{U"àáâãäåÀÁÂÃÄÅ", "a"}, {U"çÇ", "c"},   {U"èéêëÈÉÊË", "e"},
                           {U"ìíîïÌÍÎÏ", "i"},     {U"ñÑ", "n"},   {U"òóôõöøÒÓÔÕÖØ", "o"},
                           {U"ùúûüÙÚÛÜ", "u"},     {U"ýÿÝŸ", "y"}, {U"œŒ", "oe"},
                           {U"æÆ", "ae"},          {U"ß", "ss"}};
  for (const auto& run : kRuns)
    if (run.from.find(scalar) != run.from.npos) return run.to;
  return {};
}

void append_plain(std::string& out, char32_t scalar) {
  if (scalar < 0x80) {
    const char c = static_cast<char>(scalar);
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
    return;
  }
  const auto plain = plain_letters(scalar);
  if (!plain.empty())
    out += plain;
  else if (!out.empty() && out.back() != '_')
    out += '_';
}

bool is_type_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$&^_.+-").find(c) != std::string_view::npos;
}

Bytes write_rest(const Document& document) {
  const std::string text = write_json({{"name", document.name},
                                       {"file", document.file},
                                       {"type", document.type},
                                       {"source", document.source},
                                       {"added_at", document.added_at.ms}});
  const auto bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

bool is_document_name(std::string_view field) {
  return is_field_name(field) && field.starts_with(kDocumentGroup) &&
         field.find('.', kDocumentGroup.size()) == field.npos;
}

Result<std::string> document_name_from(std::string_view typed) {
  std::string name(typed);
  if (!typed.starts_with(kDocumentGroup)) name.insert(0, kDocumentGroup);
  if (is_document_name(name)) return name;
  return owners_refusal(ErrorCode::Malformed, "document.bad_name",
                        {{"name", printable(typed, 80)}});
}

std::string document_name_of_file(std::string_view file) {
  const auto dot = file.rfind('.');
  if (dot != file.npos && dot > 0) file = file.substr(0, dot);
  std::string plain;
  for (std::size_t at = 0; at < file.size();)
    append_plain(plain, next_scalar(file, at).value_or(U'_'));
  plain.resize(std::min(plain.size(), kMostNameBytes - kWhenNothingIsLeft.size() - 1));
  while (plain.ends_with('_')) plain.pop_back();
  if (plain.empty() || plain.front() < 'a' || plain.front() > 'z') {
    std::string begun(kWhenNothingIsLeft);
    if (!plain.empty()) begun += '_' + plain;
    plain = std::move(begun);
  }
  return std::string(kDocumentGroup) + plain;
}

Result<std::string> media_type_from(std::string_view typed) {
  std::string type(typed);
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto slash = type.find('/');
  const auto is_word = [](std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), is_type_letter);
  };
  const std::string_view view = type;
  if (slash != type.npos && type.size() <= kMostTypeBytes && is_word(view.substr(0, slash)) &&
      is_word(view.substr(slash + 1)))
    return type;
  return owners_refusal(ErrorCode::Malformed, "document.bad_type",
                        {{"type", printable(typed, 80)}});
}

Result<Document> DocumentBook::Codec::read(BytesView record) {
  const auto whole = TRY(store::decode_document(record));
  const auto text = text_of(whole.rest);
  const json rest = TRY(read_json(text));
  Document document;
  document.name = TRY(need_string(rest, "name"));
  document.file = TRY(need_string(rest, "file"));
  document.type = TRY(need_string(rest, "type"));
  document.source = TRY(need_string(rest, "source"));
  document.added_at.ms = TRY(need_int(rest, "added_at"));
  document.size = whole.seal.size;
  document.sha256 = whole.seal.sha256;
  if (!is_document_name(document.name))
    return Error{ErrorCode::Corrupt, "a document's name is none"};
  return document;
}

Error DocumentBook::no_such_document(std::string_view name) const {
  std::vector<std::string> known;
  for (const auto& document : all()) known.push_back(document->name);
  const std::vector<std::string_view> names(known.begin(), known.end());
  Gaps gaps{{"name", std::string(name)}};
  std::string near;
  for (const auto& close : nearest(name, names)) near += (near.empty() ? "" : ", ") + close;
  if (near.empty()) return owners_refusal(ErrorCode::NotFound, "document.none", std::move(gaps));
  gaps.emplace_back("near", std::move(near));
  return owners_refusal(ErrorCode::NotFound, "document.none_near", std::move(gaps));
}

Result<DocumentPtr> DocumentBook::add(store::Txn& txn, Document document,
                                      const store::DocumentSeal& seal) {
  if (find(document.name) != nullptr)
    return owners_refusal(ErrorCode::Conflict, "document.exists", {{"name", document.name}});
  document.key = TRY(txn.make_key());
  document.size = seal.size;
  document.sha256 = seal.sha256;
  const auto record = store::encode_document(seal, write_rest(document));
  return rows_.put_record(txn, std::move(document), record.view());
}

Result<void> DocumentBook::remove(store::Txn& txn, const Document& document) {
  TRY(rows_.erase(txn, document.name));
  return txn.destroy_key(document.key);
}

Result<store::DocumentSeal> seal_of(const store::Store& store, const Document& document) {
  const auto record = TRY(store.read(store::Table::Documents, document.row));
  auto read = TRY(store::decode_document(record.view()));
  return std::move(read.seal);
}

}  // namespace vrm::profile
