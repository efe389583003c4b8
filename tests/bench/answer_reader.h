#pragma once
// Finds the end of an HTTP answer in a stream of bytes: status line, Content-Length, body.

#include <cstddef>
#include <string>
#include <string_view>

namespace vrm::bench {

class AnswerReader {
 public:
  enum class State { Partial, Complete, Broken };

  // Takes what came in. Complete: status() and body() tell the answer; start_next() before more.
  State take(std::string_view bytes);
  void start_next();

  int status() const { return status_; }
  std::string_view body() const;

 private:
  bool read_head();

  std::string bytes_;
  std::size_t head_ = 0;  // bytes of the head, 0 until it is whole
  std::size_t body_ = 0;  // bytes of the body, from Content-Length
  int status_ = 0;
};

}  // namespace vrm::bench
