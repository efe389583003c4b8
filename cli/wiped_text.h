#pragma once
// A secret text on its way from the owner to the daemon: wiped when it dies, of a fixed room so
// that it never moves.

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace vrm::cli {

class WipedText {
 public:
  static constexpr std::size_t kMost = 4096;

  WipedText() : room_(std::make_unique<Room>()) {}
  WipedText(WipedText&&) noexcept = default;
  WipedText& operator=(WipedText&&) noexcept = default;

  // The views die with the object.
  std::string_view view() const { return {room_->bytes.data(), size_}; }
  std::span<char> free_room() { return std::span(room_->bytes).subspan(size_); }
  // REQUIRES: free_room() has as many.
  void grow(std::size_t by) { size_ += by; }
  // Drops all from the first line end on.
  void keep_first_line() {
    const auto end = view().find_first_of("\r\n");
    if (end != std::string_view::npos) size_ = end;
  }

 private:
  struct Room {
    std::array<char, kMost> bytes{};
    Room() = default;
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() { explicit_bzero(bytes.data(), bytes.size()); }
  };

  std::unique_ptr<Room> room_;
  std::size_t size_ = 0;
};

}  // namespace vrm::cli
