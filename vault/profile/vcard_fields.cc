#include "vault/profile/vcard_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/text.h"

namespace vrm::profile {

namespace {

using Properties = std::vector<const VcardProperty*>;

// Of the card itself, or said again by another property.
constexpr std::array<std::string_view, 15> kSilent = {
    "VERSION", "PRODID", "REV",    "UID", "SOURCE", "KIND", "NAME",       "LABEL",
    "PROFILE", "CLASS",  "MAILER", "XML", "BEGIN",  "END",  "SORT-STRING"};

// Properties whose value is one text or date, and the field it is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTexts = {
    {{"FN", "person.name"},
     {"NICKNAME", "person.nickname"},
     {"TITLE", "work.job_title"},
     {"ROLE", "work.role"},
     {"LANG", "preference.language"}}};

constexpr std::array<std::string_view, 4> kAnniversaries = {
    "ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-MS-ANNIVERSARY"};

template <typename List>
bool holds(const List& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// 1 is the most preferred, as in 4.0; 2.1 and 3.0 only say that one is.
int preference_of(const VcardProperty& property) {
  constexpr int kNone = 101;
  if (property.has_type("PREF")) return 1;
  const auto text = property.parameter("PREF");
  int value = kNone;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value < 1 ? kNone : value;
}

// What the owner is told of a property that is not brought in.
void not_kept(const VcardProperty& property, PlanBuilder& plan) {
  plan.problem(property.line, "profile.import_not_kept",
               {{"property", printable(property.name, 40)}});
}

class CardReader {
 public:
  CardReader(const Vcard& card, PlanBuilder& plan) : card_(card), plan_(plan) {
    for (const auto& property : card.properties) {
      if (property.name == "X-ABLABEL" && !property.group.empty())
        labels_[property.group] = property.value;
      by_name_[property.name].push_back(&property);
    }
    for (auto& [_, properties] : by_name_)
      std::stable_sort(properties.begin(), properties.end(), [](const auto* a, const auto* b) {
        return preference_of(*a) < preference_of(*b);
      });
  }

  void offer_all() {
    for (const auto& [name, properties] : by_name_)
      for (const auto* property : properties) offer(*property);
    if (extensions_ > 0)
      plan_.problem(first_extension_, "profile.import_extensions",
                    {{"count", std::to_string(extensions_)}});
  }

 private:
  void offer(const VcardProperty& property) {
    const std::string_view name = property.name;
    if (name == "N") return offer_name(property);
    if (name == "EMAIL") return offer_email(property);
    if (name == "TEL") return offer_phone(property);
    if (name == "ADR") return offer_address(property);
    if (name == "ORG") return offer_organization(property);
    if (name == "BDAY") return offer_date("person.birthdate", property);
    if (name == "GENDER") return offer_gender(property);
    if (name == "URL")
      return plan_.offer("contact.website", unescape(property.value), property.line);
    if (holds(kAnniversaries, name)) return offer_date("household.anniversary", property);
    if (name == "TZ" && property.value.find('/') != std::string::npos)
      return plan_.offer("person.zoneinfo", unescape(property.value), property.line);
    for (const auto& [text, field] : kTexts)
      if (name == text) return plan_.offer(field, unescape(property.value), property.line);
    if (holds(kSilent, name)) return;
    if (!name.starts_with("X-")) return not_kept(property, plan_);
    if (extensions_++ == 0 || property.line < first_extension_) first_extension_ = property.line;
  }

  void offer_parts(const VcardProperty& property, std::initializer_list<std::string_view> fields) {
    const auto parts = components(property.value, card_.version);
    std::size_t i = 0;
    for (const auto field : fields) {
      if (i < parts.size()) plan_.offer(field, parts[i], property.line);
      ++i;
    }
  }

  void offer_name(const VcardProperty& property) {
    offer_parts(property, {"person.family_name", "person.given_name", "person.middle_name",
                           "person.honorific_prefix", "person.honorific_suffix"});
  }

  void offer_organization(const VcardProperty& property) {
    offer_parts(property, {"work.organization", "work.department"});
  }

  void offer_email(const VcardProperty& property) {
    const auto* field = property.has_type("WORK") ? "contact.email_work" : "contact.email";
    plan_.offer(field, unescape(property.value), property.line);
  }

  // A label of Apple's that is none of its own (_$!<Home>!$_) is another person's number, as the
  // assistant's.
  bool is_of_another(const VcardProperty& property) const {
    const auto label = property.group.empty() ? labels_.end() : labels_.find(property.group);
    if (label == labels_.end()) return false;
    for (const auto* own : {"Home", "Work", "Mobile", "iPhone", "Main", "Cell"})
      if (label->second.find(own) != std::string_view::npos) return false;
    return true;
  }

  void offer_phone(const VcardProperty& property) {
    for (const auto* machine : {"FAX", "PAGER", "MODEM", "BBS", "TEXTPHONE"})
      if (property.has_type(machine)) return not_kept(property, plan_);
    if (is_of_another(property)) return not_kept(property, plan_);
    const bool mobile = property.has_type("CELL");
    const auto* field = !mobile && property.has_type("WORK")   ? "contact.phone_work"
                        : !mobile && property.has_type("HOME") ? "contact.phone_home"
                                                               : "contact.phone_number";
    std::string number = unescape(property.value);
    if (number.starts_with("tel:")) number = number.substr(4, number.find(';') - 4);
    plan_.offer(field, number, property.line);
  }

  void offer_address(const VcardProperty& property) {
    const bool work = property.has_type("WORK");
    if (!work && !property.has_type("HOME") && !property.parameter("TYPE").empty() &&
        has_kind(property))
      return not_kept(property, plan_);
    const std::string prefix = work ? "address.work." : "address.home.";
    if (!addresses_.insert({prefix, property.line}).second)
      return plan_.problem(property.line, "profile.import_second",
                           {{"field", prefix.substr(0, prefix.size() - 1)}});
    auto parts = components(property.value, card_.version);
    parts.resize(7);
    std::string street;
    for (std::size_t i = 0; i < 3; ++i)
      if (!parts[i].empty()) street.append(street.empty() ? "" : "\n").append(parts[i]);
    plan_.offer(prefix + "street_address", street, property.line);
    plan_.offer(prefix + "locality", parts[3], property.line);
    plan_.offer(prefix + "region", parts[4], property.line);
    plan_.offer(prefix + "postal_code", parts[5], property.line);
    plan_.offer(prefix + "country", parts[6], property.line);
  }

  // Whether TYPE says what the address is for, and not only how it is delivered.
  static bool has_kind(const VcardProperty& property) {
    for (const auto& [name, type] : property.parameters) {
      if (name != "TYPE") continue;
      bool delivery = false;
      for (const auto* way : {"POSTAL", "PARCEL", "DOM", "INTL", "PREF"})
        delivery = delivery || property.has_type(way);
      if (!delivery) return true;
    }
    return false;
  }

  // Without the time of day; a date without its year is none.
  void offer_date(std::string_view field, const VcardProperty& property) {
    std::string date = unescape(property.value);
    const auto time = date.find('T');
    if (time == 8 || time == 10) date.resize(time);
    const auto omitted = property.parameter("X-APPLE-OMIT-YEAR");
    if (date.starts_with("--") || (!omitted.empty() && date.starts_with(omitted)))
      return plan_.problem(property.line, "profile.import_no_year",
                           {{"field", std::string(field)}});
    plan_.offer(field, date, property.line);
  }

  void offer_gender(const VcardProperty& property) {
    const auto parts = components(property.value, card_.version);
    if (parts.size() > 1 && !parts[1].empty())
      return plan_.offer("person.gender", parts[1], property.line);
    constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"M", "male"}, {"F", "female"}, {"O", "other"}};
    for (const auto& [letter, word] : kWords)
      if (parts[0] == letter) plan_.offer("person.gender", word, property.line);
  }

  const Vcard& card_;
  PlanBuilder& plan_;
  std::map<std::string_view, std::string_view> labels_;  // by group
  std::map<std::string_view, Properties> by_name_;
  std::map<std::string, std::size_t> addresses_;  // the line of each that was offered
  std::size_t extensions_ = 0;
  std::size_t first_extension_ = 0;
};

}  // namespace

void offer_card(const Vcard& card, PlanBuilder& plan) {
  CardReader(card, plan).offer_all();
}

}  // namespace vrm::profile
