// Targets and hosts in the form that rules match.
#include <gtest/gtest.h>

#include "collector/protocol/http/uri.h"

namespace chieng::collector::http {
namespace {

using namespace std::string_view_literals;

struct Target {
  std::string_view raw, normal;
};

class NormalisedUri : public testing::TestWithParam<Target> {};

TEST_P(NormalisedUri, Is) {
  EXPECT_EQ(normalised_uri(split_uri(GetParam().raw, false)), GetParam().normal);
}

INSTANTIATE_TEST_SUITE_P(
    All, NormalisedUri,
    testing::Values(Target{"/plain/Path", "/plain/Path"}, Target{"/%41%2f%62", "/A/b"},
                    Target{"/%zz%4", "/%zz%4"}, Target{"/%u0041%uff0e%u2215", "/A./"},
                    Target{"/a\\b\\..\\c", "/a/c"}, Target{"/a//b///c", "/a/b/c"},
                    Target{"/a/./b/../c/..", "/a/"}, Target{"/../../x", "/x"},
                    Target{"/%2e%2e/x", "/x"}, Target{"/%252e", "/%2e"},
                    Target{"/a%00b", "/a\0b"sv}, Target{"/\xc3\xa9\xc5\x91", "/\xe9o"},
                    Target{"/\xc0\xafx", "//x"}, Target{"/\xff\xc3", "/\xff\xc3"},
                    Target{"/p?q=%41%2f+b//../", "/p?q=A/+b//../"}, Target{"/p?", "/p?"},
                    Target{"/p?q=%u0041", "/p?q=%u0041"}, Target{"/p?a?b#c", "/p?a?b#c"},
                    Target{"http://h/p?u=http://x/", "/p?u=http://x/"}, Target{"http://h", ""},
                    Target{"/r?to=http://x//y", "/r?to=http://x//y"}, Target{"*", "*"},
                    Target{"", ""}));

TEST(SplitUri, AbsoluteFormHasAnAuthority) {
  const Uri uri = split_uri("https://u:p@h:81?x", false);
  EXPECT_EQ(uri.authority, "u:p@h:81");
  EXPECT_EQ(uri.path, "");
  EXPECT_EQ(uri.query, "x");
  EXPECT_EQ(split_uri("h:443", true).authority, "h:443");
  EXPECT_EQ(split_uri("/a://b", false).authority, std::nullopt);
}

struct Host {
  std::string_view raw, name;
  int port;  // 0: none
  bool valid;
};
class NormalisedHost : public testing::TestWithParam<Host> {};

TEST_P(NormalisedHost, Is) {
  const HostName host = normalised_host(GetParam().raw);
  EXPECT_EQ(host.name, GetParam().name);
  EXPECT_EQ(host.port.value_or(0), GetParam().port);
  EXPECT_EQ(host.valid, GetParam().valid);
}

INSTANTIATE_TEST_SUITE_P(
    All, NormalisedHost,
    testing::Values(Host{"WWW.Example.VN", "www.example.vn", 0, true},
                    Host{"h:8080", "h", 8080, true}, Host{"u@h.", "h", 0, true},
                    Host{"[::1]", "[::1]", 0, true}, Host{"[FE80::1]:81", "[fe80::1]", 81, true},
                    Host{"h:x", "h", 0, false}, Host{"h:70000", "h", 0, false},
                    Host{"", "", 0, false}, Host{"a..b", "a..b", 0, false},
                    Host{"a b", "a b", 0, false}, Host{"[::1", "[", 0, false}));

}  // namespace
}  // namespace chieng::collector::http
