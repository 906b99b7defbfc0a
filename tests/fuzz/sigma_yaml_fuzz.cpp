// Sigma rules of any text: loading them and running what loads over one event.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/bytes/bytes.h"
#include "rules/sigma/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  if (size > 64 * 1024) return 0;
  sigma::LoadReport report;
  const sigma::RuleText text{"rule.yml", std::string(as_text(as_bytes(data, size)))};
  const auto rules = sigma::load_rule_texts({&text, 1}, report);
  if (!rules) return 0;
  Record record;
  record.source.product = "windows";
  record.source.categories = {"process_creation"};
  record.add("CommandLine", "powershell -enc SQBFAFgA \u2013x");
  record.add("Image", "C:\\Windows\\System32\\cmd.exe");
  record.add("DestinationIp", "10.0.0.1");
  record.add_integer("EventID", 1);
  record.add_null("User");
  sigma::Matcher matcher(*rules);
  matcher.match(record, [](const RuleInfo&, auto) {});
  return 0;
}
