#pragma once
// A descriptor by which one thread wakes another.

namespace vrm::outbound {

class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  int fd() const { return fd_; }  // readable when it was rung
  void ring() const;              // any thread
  void silence() const;

 private:
  const int fd_;
};

}  // namespace vrm::outbound
