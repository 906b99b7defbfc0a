#include "rules/sigma/log_source_map.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>

namespace chieng::sigma {
namespace {

struct ServiceRow {
  std::string_view service, channel;
  bool prefix = false;
};

#define M "Microsoft-Windows-"
constexpr ServiceRow services[] = {
    {"security", "Security"},
    {"system", "System"},
    {"application", "Application"},
    {"sysmon", M "Sysmon/Operational"},
    {"sysmon", "Linux-Sysmon/Operational"},
    {"powershell", M "PowerShell/Operational"},
    {"powershell", "PowerShellCore/Operational"},
    {"powershell-classic", "Windows PowerShell"},
    {"windefend", M "Windows Defender/Operational"},
    {"msexchange-management", "MSExchange Management"},
    {"taskscheduler", M "TaskScheduler/Operational"},
    {"appxdeployment-server", M "AppXDeploymentServer/Operational"},
    {"codeintegrity-operational", M "CodeIntegrity/Operational"},
    {"firewall-as", M "Windows Firewall With Advanced Security/Firewall"},
    {"bits-client", M "Bits-Client/Operational"},
    {"wmi", M "WMI-Activity/Operational"},
    {"dns-client", M "DNS Client Events/Operational"},
    {"dns-client", M "DNS-Client/Operational"},
    {"ntlm", M "NTLM/Operational"},
    {"iis-configuration", "Microsoft-IIS-Configuration/Operational"},
    {"dns-server", "DNS Server"},
    {"dns-server-analytic", M "DNS-Server/Analytical"},
    {"dns-server-audit", M "DNS-Server/Audit"},
    {"security-mitigations", M "Security-Mitigations/Kernel Mode"},
    {"security-mitigations", M "Security-Mitigations/User Mode"},
    {"security-mitigations", M "Security-Mitigations/KernelMode"},
    {"security-mitigations", M "Security-Mitigations/UserMode"},
    {"applocker", M "AppLocker/EXE and DLL"},
    {"applocker", M "AppLocker/MSI and Script"},
    {"applocker", M "AppLocker/Packaged app-Deployment"},
    {"applocker", M "AppLocker/Packaged app-Execution"},
    {"smbclient-security", M "SmbClient/Security"},
    {"smbclient-connectivity", M "SmbClient/Connectivity"},
    {"smbserver-connectivity", M "SMBServer/Connectivity"},
    {"printservice-admin", M "PrintService/Admin"},
    {"printservice-operational", M "PrintService/Operational"},
    {"terminalservices-localsessionmanager", M "TerminalServices-LocalSessionManager/Operational"},
    {"shell-core", M "Shell-Core/Operational"},
    {"driver-framework", M "DriverFrameworks-UserMode/Operational"},
    {"ldap", M "LDAP-Client/Debug"},
    {"ldap_debug", M "LDAP-Client/Debug"},
    {"appmodel-runtime", M "AppModel-Runtime/Admin"},
    {"appxpackaging-om", M "AppxPackaging/Operational"},
    {"lsa-server", M "LSA/Operational"},
    {"openssh", "OpenSSH/Operational"},
    {"capi2", M "CAPI2/Operational"},
    {"diagnosis-scripted", M "Diagnosis-Scripted/Operational"},
    {"certificateservicesclient-lifecycle-system",
     M "CertificateServicesClient-Lifecycle-System/Operational"},
    {"microsoft-servicebus-client", "Microsoft-ServiceBus-Client", true},
    {"servicebus-client", "Microsoft-ServiceBus-Client", true},
    {"dhcp", M "DHCP-Server/Operational"},
    {"bitlocker", M "BitLocker/BitLocker Management"},
    {"vhdmp", M "VHDMP/Operational"},
    {"vhdmp", M "VHDMP-Operational"},
    {"ntfs", M "Ntfs/Operational"},
    {"sense", M "SENSE/Operational"},
    {"kernel-shimengine", M "Kernel-ShimEngine/Operational"},
    {"application-experience", M "Application-Experience/Program-Telemetry"},
    {"hyper-v-worker", M "Hyper-V-Worker", true},
};

struct CategoryRow {
  std::string_view category;
  std::string_view channel;
  std::array<int, 12> ids;                        // zero: no more
  std::array<std::string_view, 2> event_types{};  // of field EventType; empty: any
};

constexpr std::string_view sysmon = M "Sysmon/Operational";
constexpr std::string_view linux_sysmon = "Linux-Sysmon/Operational";
constexpr CategoryRow categories[] = {
    {"process_creation", sysmon, {1}},
    {"file_change", sysmon, {2}},
    {"network_connection", sysmon, {3}},
    {"sysmon_status", sysmon, {4, 16}},
    {"process_termination", sysmon, {5}},
    {"driver_load", sysmon, {6}},
    {"image_load", sysmon, {7}},
    {"create_remote_thread", sysmon, {8}},
    {"raw_access_thread", sysmon, {9}},
    {"process_access", sysmon, {10}},
    {"file_event", sysmon, {11}},
    {"registry_add", sysmon, {12}, {"CreateKey"}},
    {"registry_delete", sysmon, {12}, {"DeleteKey", "DeleteValue"}},
    {"registry_set", sysmon, {13}},
    {"registry_rename", sysmon, {14}},
    {"registry_event", sysmon, {12, 13, 14}},
    {"create_stream_hash", sysmon, {15}},
    {"pipe_created", sysmon, {17, 18}},
    {"wmi_event", sysmon, {19, 20, 21}},
    {"dns_query", sysmon, {22}},
    {"file_delete", sysmon, {23}},
    {"clipboard_capture", sysmon, {24}},
    {"clipboard_change", sysmon, {24}},
    {"process_tampering", sysmon, {25}},
    {"file_delete_detected", sysmon, {26}},
    {"file_block_executable", sysmon, {27}},
    {"file_block_shredding", sysmon, {28}},
    {"file_executable_detected", sysmon, {29}},
    {"sysmon_error", sysmon, {255}},
    {"ps_module", M "PowerShell/Operational", {4103}},
    {"ps_module", "PowerShellCore/Operational", {4103}},
    {"ps_script", M "PowerShell/Operational", {4104}},
    {"ps_script", "PowerShellCore/Operational", {4104}},
    {"ps_classic_start", "Windows PowerShell", {400}},
    {"ps_classic_provider_start", "Windows PowerShell", {600}},
    {"ps_classic_script", "Windows PowerShell", {800}},
    {"antivirus",
     M "Windows Defender/Operational",
     {1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116}},
    {"process_creation", linux_sysmon, {1}},
    {"network_connection", linux_sysmon, {3}},
    {"process_termination", linux_sysmon, {5}},
    {"raw_access_thread", linux_sysmon, {9}},
    {"process_access", linux_sysmon, {10}},
    {"file_event", linux_sysmon, {11}},
    {"file_delete", linux_sysmon, {23}},
};
#undef M

bool channel_is(std::string_view row, bool prefix, std::string_view channel) {
  return equal_ignoring_case(row, prefix ? channel.substr(0, row.size()) : channel);
}

bool category_is(const CategoryRow& row, std::string_view channel, std::string_view id,
                 std::string_view type) {
  if (!channel_is(row.channel, false, channel)) return false;
  int number = 0;
  for (const char c : id.substr(0, 6))
    number = c >= '0' && c <= '9' ? number * 10 + (c - '0') : -1'000'000'000;
  if (number <= 0 || std::ranges::find(row.ids, number) == row.ids.end()) return false;
  if (row.event_types[0].empty()) return true;
  return std::ranges::any_of(row.event_types,
                             [&](auto t) { return !t.empty() && equal_ignoring_case(t, type); });
}

}  // namespace

void source_key(std::string& out, const Record& record) {
  out.assign(record.source.product);
  for (const std::string& category : record.source.categories) (out += '\x01') += category;
  for (const std::string& service : record.source.services) (out += '\x02') += service;
  const std::string_view channel = record.text("Channel");
  if (channel.empty()) return;
  (out += '\x03') += channel.substr(0, 256);
  const std::string_view id = record.text("EventID");
  (out += '\x03') += id.substr(0, 12);
  if (id == "12") (out += '\x03') += record.text("EventType").substr(0, 32);
}

EventSource source_of(const Record& record) {
  EventSource out;
  out.product = record.source.product;
  out.categories.assign(record.source.categories.begin(), record.source.categories.end());
  out.services.assign(record.source.services.begin(), record.source.services.end());
  const std::string_view channel = record.text("Channel");
  if (channel.empty()) return out;
  for (const ServiceRow& row : services)
    if (channel_is(row.channel, row.prefix, channel)) out.services.push_back(row.service);
  const std::string_view id = record.text("EventID"), type = record.text("EventType");
  for (const CategoryRow& row : categories)
    if (category_is(row, channel, id, type)) out.categories.push_back(row.category);
  return out;
}

bool applies(const RuleSource& rule, const EventSource& event) {
  const auto in = [](const std::vector<std::string_view>& list, const std::string& wanted) {
    return wanted.empty() || std::ranges::find(list, wanted) != list.end();
  };
  return (rule.product.empty() || rule.product == event.product) &&
         in(event.categories, rule.category) && in(event.services, rule.service);
}

}  // namespace chieng::sigma
