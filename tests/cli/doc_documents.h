#pragma once
// What a daemon says of documents.

#include <string>

namespace vrm::cli_test {

inline std::string upload_of(int parts) {
  return R"({"schema":"vrm.upload/1","id":"up_2QK7T0AB","name":"document.ticket","part_bytes":1048576,"parts":)" +
         std::to_string(parts) + "}";
}
inline std::string document_of(const std::string& name, const std::string& file, int size,
                               const std::string& readers = "[]") {
  return R"({"schema":"vrm.document/1","name":"document.)" + name + R"(","file":")" + file +
         R"(","type":"text/plain","size":)" + std::to_string(size) +
         R"(,"parts":1,"sha-256":"3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80",)"
         R"("source":"self","added_at":"2024-11-22T08:00:00Z","readers":)" +
         readers + "}";
}
inline const std::string kTicket = document_of("ticket", "ticket.txt", 8);
inline const std::string kPassport =
    document_of("passport", "Mon passeport.pdf", 2411724,
                R"([{"brand":"velo","grant":"gr_7F2K9QXD"},{"brand":"velo","grant":"gr_8A"}])");
inline const std::string kDocuments =
    R"({"schema":"vrm.documents/1","items":[)" + kPassport + "," + kTicket + "]}";
inline std::string document_refused(const std::string& code, const std::string& say,
                                    const std::string& with) {
  return R"({"error":{"code":")" + code + R"(","say":"document.)" + say + R"(","with":{)" + with +
         R"(},"message":"the daemon's words"}})";
}

}  // namespace vrm::cli_test
