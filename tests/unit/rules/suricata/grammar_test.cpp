#include <gtest/gtest.h>

#include "tests/unit/rules/suricata/rule_kit.h"

namespace chieng::suricata {
namespace {

std::string tcp(std::string_view options) {
  return "alert tcp any any -> any any (" + std::string(options) + " sid:1;)";
}

TEST(RuleGrammar, AcceptsWhatTheLanguageHas) {
  for (const char* options :
       {"msg:\"a\\; b\"; content:\"x\";",
        "content:!\"x|41 42|y\"; nocase; offset:1; depth:20;",
        "content:\"a\"; content:\"b\"; distance:-3; within:9;",
        "content:\"ab\"; startswith; endswith;",
        "content:\"ab\"; fast_pattern:0,1;",
        "pcre:\"/a[^\\n]+b\\\\/Rsmi\";",
        "flow: to_server , established;",
        "flowbits:set,a.b; flowbits:noalert;",
        "flowbits:isset,a|b;",
        "flowint:x,+,1;",
        "xbits:set, ET.x, track ip_src, expire 10;",
        "hostbits:isset,b,dst;",
        "threshold:type limit, track by_src, seconds 60, count 1;",
        "threshold:type both,track by_dst,count 5,seconds 10 reference:url,x;",
        "detection_filter:track by_src,count 3,seconds 5;",
        "dsize:10<>20;",
        "content:\"a\"; isdataat:!5,relative;",
        "byte_test:2,!&,0x80,0,relative,little;",
        "byte_test:0,>,0,0,string,dec,relative;",
        "byte_jump:4,0,relative,multiplier 2,align,post_offset -4;",
        "byte_extract:1,0,n; content:\"x\"; offset:n;",
        "byte_math:bytes 1, offset 0, oper +, rvalue 3, result r; isdataat:r;",
        "base64_decode:bytes 20, offset 1, relative; base64_data; content:\"x\";",
        "flags:S,12;",
        "flags:!A+;",
        "ttl:<10;",
        "itype:3<>9;",
        "fragbits:M+;",
        "ipopts:rr;",
        "sameip;",
        "ip_proto:gre;",
        "tos:!x10;",
        "stream_size:client,>,5;",
        "flow.pkts:toserver,>3;",
        "tcp.hdr; content:\"|02|\"; offset:20;",
        "decode-event:ipv4.pkt_too_small;",
        "stream-event:reassembly_seq_gap;",
        "app-layer-protocol:!http;",
        "metadata:a b, c d; reference:cve,2020-1; target:src_ip; priority:2; rev:3;",
        "requires:version >= 8.0.0 < 10;",
        "entropy:value > 4.5;",
        "http.uri; content:\"x\"; bsize:>3;",
        "content:\"x\"; http_uri;",
        "pcre:\"/x/U\";",
        "http.uri; url_decode; to_lowercase; content:\"x\";",
        "http.level:!high;",
        "app-layer-event:http.odd;",
        "http.names; content:\"a\"; http.names; content:\"b\";",
        "urilen:<10,raw;",
        "filestore; content:\"x\";"})
    EXPECT_EQ(fault_of(tcp(options)), "") << options;
}

TEST(RuleGrammar, RefusesWithTheOptionsName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"content:\"\";", "content"},
      {"content:x;", "content"},
      {"content:\"|4|\";", "content"},
      {"content:\"a\\b\";", "content"},
      {"nocase;", "nocase"},
      {"content:\"abc\"; depth:2;", "depth"},
      {"content:\"abc\"; within:2;", "within"},
      {"content:\"a\"; offset:1; distance:1;", "distance"},
      {"pcre:\"/(/\";", "pcre"},
      {"pcre:\"/a/K\";", "pcre"},
      {"flow:sideways;", "flow"},
      {"flow:established,not_established;", "flow"},
      {"flowbits:set,a|b;", "flowbits"},
      {"threshold:type limit;", "threshold"},
      {"dsize:5<>6;", "dsize"},
      {"ttl:300;", "ttl"},
      {"byte_test:9,>,0,0;", "byte_test"},
      {"byte_test:1,>,unknown,0;", "byte_test"},
      {"base64_data;", "base64_data"},
      {"flags:X;", "flags"},
      {"decode-event:nothing;", "decode-event"},
      {"lua:x.lua;", "lua"},
      {"smb.share; content:\"x\";", "smb.share"},
      {"bufferlen:5;", "bufferlen"},
      {"nonsense:5;", "nonsense"},
      {"http.host; content:\"Example\";", "rule"},
      {"http.uri;", "rule"},
      {"http.uri; content:\"a\"; http.stat_code; content:\"200\";", "rule"},
      {"content:\"a\"; http_uri:5;", "http_uri"},
      {"http.level:lower;", "http.level"}};
  for (const auto& [options, keyword] : cases) {
    const std::string fault = fault_of(tcp(options));
    EXPECT_TRUE(fault.starts_with(keyword + ": ")) << options << " gave: " << fault;
  }
}

TEST(RuleGrammar, HeadersAndTheirFaults) {
  for (const char* good :
       {"alert tcp [10.0.0.0/8, !10.1.0.0/16] any -> $HOME_NET [80,8000:8010,!8005] (sid:1;)",
        "drop http $EXTERNAL_NET any <> 1.2.3.4 !80 (sid:1;)",
        "alert ip any any -> ff00::/8 any (sid:1;)",
        "alert udp 10.0.0.1-10.0.0.9 1024: -> any :53 (sid:1;)"})
    EXPECT_EQ(fault_of(good), "") << good;
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"shout tcp any any -> any any (sid:1;)", "action"},
      {"alert smb any any -> any any (sid:1;)", "protocol: protocol smb is not supported yet"},
      {"alert tcp $NOWHERE any -> any any (sid:1;)", "source address"},
      {"alert tcp any any <- any any (sid:1;)", "direction"},
      {"alert tcp any 70000 -> any any (sid:1;)", "source port"},
      {"alert tcp any any -> !any any (sid:1;)", "destination address"},
      {"alert tcp any any -> any any (msg:\"x\";)", "sid"},
      {"alert tcp any any -> any any (sid:1)", "rule"},
      {"alert tcp any any any any (sid:1;)", "rule"}};
  for (const auto& [rule, start] : bad)
    EXPECT_TRUE(fault_of(rule).starts_with(start)) << rule << " gave: " << fault_of(rule);
}

TEST(RuleGrammar, LinesRevisionsAndReport) {
  LoadReport report;
  const auto set = compile_rules(
      "# a comment\n"
      "alert tcp any any -> any any (msg:\"one\"; \\\n   sid:1; rev:1;)\n"
      " alert tcp any any -> any any (sid:9;)\n"
      "#alert tcp any any -> any any (sid:8;)\n"
      "alert tcp any any -> any any (msg:\"two\"; sid:1; rev:2;)\n"
      "alert tcp any any -> any any (sid:1; rev:2;)\n"
      "alert tcp any any -> any any (bad; sid:3;)\n"
      "alert tcp any any -> any any (requires:version >= 99; sid:4;)\n",
      &report);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(report.rules, 5u);
  EXPECT_EQ(report.loaded, 1u);
  EXPECT_EQ(report.skipped, 2u);
  ASSERT_EQ(report.faults.size(), 2u);
  EXPECT_EQ(report.faults[0].sid, 1u);
  EXPECT_EQ(report.faults[1].line, 8);
  EXPECT_EQ(report.faults[1].column, 31);
  EXPECT_EQ(set->rules().front()->message, "two");
}

TEST(RuleGrammar, ClassGivesCategoryAndPriority) {
  const auto set = compile_rules(
      "alert tcp any any -> any any (classtype:trojan-activity; sid:1;)\n"
      "alert tcp any any -> any any (priority:4; classtype:trojan-activity; sid:2;)\n"
      "alert tcp any any -> any any (classtype:home-made; sid:3;)\n");
  ASSERT_EQ(set->size(), 3u);
  for (const RuleInfo* r : set->rules()) {
    if (r->sid == 1) {
      EXPECT_EQ(r->priority, 1);
    }
    if (r->sid == 2) {
      EXPECT_EQ(r->priority, 4);
    }
    if (r->sid == 3) {
      EXPECT_EQ(r->category, "Unknown Classtype");
    }
  }
}

}  // namespace
}  // namespace chieng::suricata
