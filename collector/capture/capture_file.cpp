#include "collector/capture/capture_file.h"

#include <pcap.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "collector/capture/pcap_handle.h"

namespace chieng::collector {

bool is_capture(Bytes first_bytes) {
  static constexpr std::array<std::array<std::uint8_t, 4>, 7> magics{{{0xa1, 0xb2, 0xc3, 0xd4},
                                                                      {0xd4, 0xc3, 0xb2, 0xa1},
                                                                      {0xa1, 0xb2, 0x3c, 0x4d},
                                                                      {0x4d, 0x3c, 0xb2, 0xa1},
                                                                      {0xa1, 0xb2, 0xcd, 0x34},
                                                                      {0x34, 0xcd, 0xb2, 0xa1},
                                                                      {0x0a, 0x0d, 0x0d, 0x0a}}};
  if (first_bytes.size() < 4) return false;
  for (const auto& magic : magics)
    if (std::memcmp(first_bytes.data(), magic.data(), magic.size()) == 0) return true;
  return false;
}

// What the C library reads ahead; its own choice costs a system call every few packets.
constexpr std::size_t kReadAhead = 256 * 1024;

struct CaptureFile::State {
  std::unique_ptr<char[]> ahead = std::make_unique<char[]>(kReadAhead);
  PcapHandle pcap;
  std::string path;
};

CaptureFile::CaptureFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureFile::CaptureFile(CaptureFile&&) noexcept = default;
CaptureFile& CaptureFile::operator=(CaptureFile&&) noexcept = default;
CaptureFile::~CaptureFile() = default;

Result<CaptureFile> CaptureFile::open(const std::filesystem::path& path) {
  std::error_code ec;
  if (path != "-" && std::filesystem::is_directory(path, ec))
    return fail(ErrorCode::invalid_argument, "is a folder, not a capture file", path.string());
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  auto state = std::make_unique<State>();
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr)
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                "cannot be opened: " + std::generic_category().message(errno), path.string());
  std::setvbuf(file, state->ahead.get(), _IOFBF, kReadAhead);
  state->pcap.reset(
      pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_MICRO, why.data()));
  if (!state->pcap) {
    if (file != stdin) std::fclose(file);
    return fail(ErrorCode::parse,
                "cannot be read as a capture (pcap or pcapng): " + std::string(why.data()),
                path.string());
  }
  state->path = path.string();
  return CaptureFile(std::move(state));
}

Result<std::optional<Frame>> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int rc = pcap_next_ex(state_->pcap.get(), &header, &data);
  if (rc == PCAP_ERROR_BREAK) return std::nullopt;
  if (rc != 1)
    return fail(
        ErrorCode::corrupt,
        "the capture is cut off or damaged: " + std::string(pcap_geterr(state_->pcap.get())),
        state_->path);
  return make_frame(state_->pcap.get(), *header, data);
}

int CaptureFile::link_type() const {
  return pcap_datalink(state_->pcap.get());
}

}  // namespace chieng::collector
