// The table of commands: those about the owner's data and documents.

#include "cli/command_parts.h"

namespace vrm::cli {

namespace {

constexpr std::string_view kData = "group.data";

}  // namespace

void add_data(std::vector<Command>& all) {
  all.push_back({"get",
                 "FIELD...",
                 1,
                 kAny,
                 {kReveal, {"raw", ""}},
                 kData,
                 "command.get",
                 {"get contact.email", "get person.birthdate --reveal"},
                 run_get});
  all.push_back({"set",
                 "FIELD [VALUE]",
                 1,
                 2,
                 {{"stdin", ""}, {"type", "TYPE"}, {"own", ""}},
                 kData,
                 "command.set",
                 {"set address.home.locality Lyon", "set person.birthdate",
                  "set note.door --stdin < door.txt"},
                 run_set});
  all.push_back({"unset",
                 "FIELD...",
                 1,
                 kAny,
                 {},
                 kData,
                 "command.unset",
                 {"unset contact.email"},
                 run_unset});
  all.push_back({"list",
                 "[PREFIX]",
                 0,
                 1,
                 {kReveal},
                 kData,
                 "command.list",
                 {"list", "list address"},
                 run_list});
  all.push_back(
      {"import",
       "FILE",
       0,
       1,
       {{"preview", ""},
        {"format", "auto|vcard|json"},
        {"keep", "existing|new"},
        {"card", "N|NAME"},
        {"undo", "ID"},
        kReveal,
        {"skip-changed", ""}},
       kData,
       "command.import",
       {"import contacts.vcf --preview", "import contacts.vcf", "import --undo im_2QK7T0AB"},
       run_import});
  all.push_back({"history",
                 "FIELD",
                 1,
                 1,
                 {{"restore", "N"}, kReveal},
                 kData,
                 "command.history",
                 {"history contact.email", "history contact.email --restore 2"},
                 run_history});
}

void add_documents(std::vector<Command>& all) {
  all.push_back(
      {"doc add",
       "FILE",
       1,
       1,
       {{"name", "NAME"}, {"type", "TYPE"}},
       kData,
       "command.doc_add",
       {"doc add passport.pdf", "doc add scan.bin --name contract --type application/pdf"},
       run_doc_add});
  all.push_back({"doc list", "", 0, 0, {}, kData, "command.doc_list", {"doc list"}, run_doc_list});
  all.push_back({"doc show",
                 "NAME",
                 1,
                 1,
                 {{"qr", ""}},
                 kData,
                 "command.doc_show",
                 {"doc show passport", "doc show ticket --qr"},
                 run_doc_show});
  all.push_back({"doc open",
                 "NAME",
                 1,
                 1,
                 {{"output", "FILE", 'o'}, {"force", ""}},
                 kData,
                 "command.doc_open",
                 {"doc open passport", "doc open passport -o copy.pdf"},
                 run_doc_open});
  all.push_back(
      {"doc rm", "NAME", 1, 1, {}, kData, "command.doc_rm", {"doc rm passport"}, run_doc_rm});
}

}  // namespace vrm::cli
