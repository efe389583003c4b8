#include "tests/bench/machine.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/bench/latency.h"
#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/crypto/signing.h"
#include "vault/crypto/system_random.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;

constexpr std::size_t kProofBytes = 353;  // what is signed of a DPoP proof

// How long `once` takes, in microseconds.
template <typename Once>
double median_us(const Once& once) {
  constexpr int kVerifications = 21;
  constexpr int kEach = 200;
  std::vector<std::uint64_t> nanoseconds;
  for (int round = 0; round < kVerifications; ++round) {
    const Ticks::time_point start = Ticks::now();
    for (int i = 0; i < kEach; ++i) once();
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Ticks::now() - start);
    nanoseconds.push_back(static_cast<std::uint64_t>(took.count()) / kEach);
  }
  return static_cast<double>(percentile(nanoseconds, 0.5)) / 1000;
}

}  // namespace

Error refused_by_system(const std::string& what) {
  return {ErrorCode::Io, what + ": " + std::strerror(errno)};
}

std::vector<int> usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

Result<void> pin_to_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) return refused_by_system("sched_setaffinity");
  return {};
}

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<ProcessUse> use_of(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream memory(folder + "/statm");
  std::ifstream stat(folder + "/stat");
  std::uint64_t all_pages = 0;
  std::uint64_t resident_pages = 0;
  std::string line;
  if (!(memory >> all_pages >> resident_pages) || !std::getline(stat, line)) {
    return Error{ErrorCode::NotFound, "no process " + std::to_string(pid)};
  }
  // Behind the name, which may hold anything, the 12th and 13th words are user and system time.
  std::istringstream words(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) words >> skipped;
  double user = 0;
  double system = 0;
  words >> user >> system;
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return ProcessUse{resident_pages * page_bytes, (user + system) / per_second};
}

double own_cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

// The sanitizers' own allocators tell nothing to mallinfo2().
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();

std::uint64_t heap_bytes() {
  return __sanitizer_get_current_allocated_bytes();
}
#else
std::uint64_t heap_bytes() {
  const auto use = ::mallinfo2();
  return use.uordblks + use.hblkhd;
}
#endif

Result<std::vector<std::uint64_t>> flush_times_us(const std::string& folder, int times) {
  const std::string file = folder + "/flush.bench";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return refused_by_system("open");
  ::unlink(file.c_str());
  const std::array<char, 4096> page{};
  std::vector<std::uint64_t> took;
  bool good = true;
  for (int i = 0; good && i < times; ++i) {
    const Ticks::time_point start = Ticks::now();
    good = ::write(fd, page.data(), page.size()) == 4096 && ::fdatasync(fd) == 0;
    const auto length = std::chrono::duration_cast<std::chrono::microseconds>(Ticks::now() - start);
    took.push_back(static_cast<std::uint64_t>(length.count()));
  }
  const Error refused = refused_by_system("fdatasync");
  ::close(fd);
  if (!good) return refused;
  return took;
}

double verify_time_us() {
  crypto::SystemRandom random;
  const crypto::SigningKey key = crypto::SigningKey::random(random);
  const Bytes message(kProofBytes, 'x');
  const crypto::Signature signature = key.sign(message);
  return median_us(
      [&] { VRM_CHECK(crypto::verify_ed25519(key.public_key(), message, signature)); });
}

double sign_time_us(std::size_t bytes) {
  crypto::SystemRandom random;
  const crypto::SigningKey key = crypto::SigningKey::random(random);
  const Bytes message(bytes, 'x');
  const crypto::Signature signature = key.sign(message);
  return median_us([&] { VRM_CHECK(key.sign(message) == signature); });
}

bool lies_in_memory(const std::string& folder) {
  struct statfs about {};
  return ::statfs(folder.c_str(), &about) == 0 &&
         (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
}

std::uint64_t bytes_below(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  std::filesystem::recursive_directory_iterator each(folder, failed);
  for (; !failed && each != std::filesystem::recursive_directory_iterator();
       each.increment(failed)) {
    if (each->is_regular_file(failed)) bytes += each->file_size(failed);
  }
  return bytes;
}

}  // namespace vrm::bench
