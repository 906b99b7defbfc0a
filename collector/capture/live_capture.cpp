#include "collector/capture/live_capture.h"

#include <pcap.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "collector/capture/pcap_handle.h"

namespace chieng::collector {

struct LiveCapture::State {
  PcapHandle pcap;
  std::string interface;
  int fd = -1;
  // What came before `from` is not looked at, until the first that did not, or for a second: the
  // machine's clock may be set meanwhile.
  Timestamp from;
  std::chrono::steady_clock::time_point from_ends;
  CaptureCounters counters;
  std::uint32_t last_received = 0, last_dropped = 0;

  [[nodiscard]] bool begins(const Frame& frame) {
    if (!from.is_set()) return true;
    if (frame.time < from && std::chrono::steady_clock::now() < from_ends) return false;
    from = {};
    return true;
  }
};

namespace {

ErrorCode code_of(int rc) {
  if (rc == PCAP_ERROR_PERM_DENIED || rc == PCAP_ERROR_PROMISC_PERM_DENIED)
    return ErrorCode::permission;
  if (rc == PCAP_ERROR_NO_SUCH_DEVICE) return ErrorCode::not_found;
  if (rc == PCAP_ERROR_IFACE_NOT_UP) return ErrorCode::unavailable;
  return ErrorCode::io;
}

std::string advice(ErrorCode code) {
  if (code == ErrorCode::permission) return "; capturing needs root or CAP_NET_RAW";
  if (code == ErrorCode::not_found) return "; `ip link` lists the interfaces of this host";
  if (code == ErrorCode::unavailable) return "; bring it up with `ip link set dev NAME up`";
  return "";
}

std::unexpected<Error> refuse(pcap_t* pcap, int rc, const std::string& interface) {
  const std::string_view detail = pcap_geterr(pcap);
  const ErrorCode code = code_of(rc);
  std::string text = "cannot capture: " + std::string(pcap_statustostr(rc));
  if (!detail.empty() && rc != PCAP_ERROR) text += " (" + std::string(detail) + ")";
  if (rc == PCAP_ERROR && !detail.empty()) text = "cannot capture: " + std::string(detail);
  return fail(code, text + advice(code), interface);
}

Status set_filter(pcap_t* pcap, const LiveCaptureSettings& settings) {
  if (settings.filter.empty()) return {};
  bpf_program program{};
  if (pcap_compile(pcap, &program, settings.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(ErrorCode::invalid_argument,
                "the capture filter \"" + settings.filter + "\" is not valid: " + pcap_geterr(pcap),
                settings.interface);
  const int rc = pcap_setfilter(pcap, &program);
  pcap_freecode(&program);
  if (rc != 0) return refuse(pcap, rc, settings.interface);
  return {};
}

void configure(pcap_t* pcap, const LiveCaptureSettings& settings) {
  // These only store values before activation; they cannot fail on a fresh handle.
  (void)pcap_set_snaplen(pcap, settings.snaplen);
  (void)pcap_set_promisc(pcap, settings.promiscuous ? 1 : 0);
  (void)pcap_set_timeout(pcap, 100);
  (void)pcap_set_immediate_mode(pcap, settings.immediate ? 1 : 0);
  (void)pcap_set_buffer_size(pcap, settings.buffer_bytes);
  (void)pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_MICRO);
}

}  // namespace

LiveCapture::LiveCapture(std::unique_ptr<State> state) : state_(std::move(state)) {}
LiveCapture::LiveCapture(LiveCapture&&) noexcept = default;
LiveCapture& LiveCapture::operator=(LiveCapture&&) noexcept = default;
LiveCapture::~LiveCapture() = default;

Result<LiveCapture> LiveCapture::open(const LiveCaptureSettings& settings) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  PcapHandle pcap(pcap_create(settings.interface.c_str(), why.data()));
  if (!pcap)
    return fail(ErrorCode::io, "cannot capture: " + std::string(why.data()), settings.interface);
  configure(pcap.get(), settings);
  // A positive result is a warning, such as an interface without promiscuous mode.
  if (const int rc = pcap_activate(pcap.get()); rc < 0)
    return refuse(pcap.get(), rc, settings.interface);
  CHIENG_CHECK(set_filter(pcap.get(), settings));
  if (pcap_setnonblock(pcap.get(), 1, why.data()) != 0)
    return fail(ErrorCode::io, "cannot capture without blocking: " + std::string(why.data()),
                settings.interface);
  auto state = std::make_unique<State>();
  state->fd = pcap_get_selectable_fd(pcap.get());
  if (state->fd < 0)
    return fail(ErrorCode::unsupported, "this kind of interface cannot be waited for",
                settings.interface);
  state->pcap = std::move(pcap);
  state->interface = settings.interface;
  return LiveCapture(std::move(state));
}

Result<std::vector<LiveCapture>> LiveCapture::open_shared(const LiveCaptureSettings& settings,
                                                          unsigned workers) {
  LiveCaptureSettings each = settings;
  each.buffer_bytes = settings.buffer_bytes / static_cast<int>(std::max(workers, 1u));
  std::vector<LiveCapture> out;
  std::uint16_t group = 0;
  for (unsigned i = 0; i < std::max(workers, 1u); ++i) {
    CHIENG_TRY(LiveCapture capture, open(each));
    if (workers > 1) {
      const unsigned link_bytes = capture.link_type() == DLT_EN10MB ? 14 : 0;
      const Status joined =
          join_fanout(pcap_fileno(capture.state_->pcap.get()), settings.balance, link_bytes, group);
      if (!joined && i > 0) return std::unexpected(joined.error());
      // Not a packet socket, as of a Bluetooth or USB device: one worker reads it.
      if (!joined) workers = 1;
    }
    out.push_back(std::move(capture));
  }
  // Before the last one joined the others had its packets, and it all of them.
  if (workers > 1)
    for (LiveCapture& capture : out) capture.begin_now();
  return out;
}

void LiveCapture::begin_now() {
  (void)counters();
  state_->counters = {};
  state_->from = now();
  state_->from_ends = std::chrono::steady_clock::now() + std::chrono::seconds(1);
}

Result<std::size_t> LiveCapture::read(int limit, EachFrame each, void* to) {
  struct Call {
    State& state;
    EachFrame each;
    void* to;
  } call{*state_, each, to};
  const auto hand_on = [](u_char* user, const pcap_pkthdr* header, const u_char* data) {
    const Call& c = *reinterpret_cast<const Call*>(user);
    const Frame frame = make_frame(c.state.pcap.get(), *header, data);
    if (c.state.begins(frame)) c.each(c.to, frame);
  };
  const int rc =
      pcap_dispatch(state_->pcap.get(), limit, hand_on, reinterpret_cast<u_char*>(&call));
  if (rc < 0) return refuse(state_->pcap.get(), rc, state_->interface);
  return static_cast<std::size_t>(rc);
}

int LiveCapture::fd() const {
  return state_->fd;
}
int LiveCapture::link_type() const {
  return pcap_datalink(state_->pcap.get());
}

const CaptureCounters& LiveCapture::counters() {
  pcap_stat now{};
  State& s = *state_;
  if (pcap_stats(s.pcap.get(), &now) == 0) {
    s.counters.received += std::uint32_t{now.ps_recv - s.last_received};
    s.counters.dropped += std::uint32_t{now.ps_drop - s.last_dropped};
    s.last_received = now.ps_recv, s.last_dropped = now.ps_drop;
  }
  return s.counters;
}

}  // namespace chieng::collector
