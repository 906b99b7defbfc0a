#include "collector/protocol/ike/judge.h"

#include <algorithm>

#include "collector/protocol/ike/names.h"

namespace chieng::collector::ike {
namespace {

constexpr std::uint8_t kAuthenticationHeader = 2;

void add(std::vector<Event>& out, Event e) {
  if (std::ranges::find(out, e) == out.end()) out.push_back(e);
}

bool is_type(const Transform& t, TransformType type) {
  return t.type == static_cast<std::uint8_t>(type);
}

bool is_aead(std::uint16_t cipher) {
  return (cipher >= 14 && cipher <= 16) || (cipher >= 18 && cipher <= 20) ||
         (cipher >= 25 && cipher <= 28);
}

void judge_transform(const Transform& t, std::vector<Event>& out) {
  switch (static_cast<TransformType>(t.type)) {
    case TransformType::encryption:
      if (t.id == 0) add(out, Event::invalid_proposal);
      if ((t.id >= 1 && t.id <= 9) || t.id == 11) add(out, Event::weak_crypto_enc);
      break;
    case TransformType::prf:
      if (t.id == 0) add(out, Event::invalid_proposal);
      if (t.id == 1 || t.id == 2) add(out, Event::weak_crypto_prf);
      break;
    case TransformType::integrity:
      if (t.id >= 1 && t.id <= 7) add(out, Event::weak_crypto_auth);
      break;
    case TransformType::group:
      if (t.id == 0) add(out, Event::invalid_proposal);
      if (t.id == 1 || t.id == 2 || t.id == 5 || t.id == 22) add(out, Event::weak_crypto_dh);
      break;
    case TransformType::esn:
      break;
    default:
      add(out, Event::unknown_proposal);
  }
}

}  // namespace

std::vector<Event> judge(const Message& message) {
  std::vector<Event> out;
  for (const Proposal& p : message.proposals) {
    for (const Transform& t : p.transforms) judge_transform(t, out);
    const auto any = [&](auto test) { return std::ranges::any_of(p.transforms, test); };
    if (!any([](const Transform& t) { return is_type(t, TransformType::group); }))
      add(out, Event::weak_crypto_no_dh);
    if (p.protocol == kAuthenticationHeader) add(out, Event::no_encryption);
    const bool intact = any([](const Transform& t) {
      return (is_type(t, TransformType::integrity) && t.id != 0) ||
             (is_type(t, TransformType::encryption) && is_aead(t.id));
    });
    if (!intact) add(out, Event::weak_crypto_no_auth);
  }
  return out;
}

}  // namespace chieng::collector::ike
