#include "core/inspect/catalogue.h"

#include <algorithm>
#include <cstdlib>

namespace chieng {
namespace {

template <class Spec>
std::uint16_t number_of(std::unordered_map<std::string_view, std::uint16_t>& names,
                        std::vector<const Spec*>& all, const Spec& spec) {
  const auto [at, fresh] = names.try_emplace(spec.name, static_cast<std::uint16_t>(all.size()));
  if (fresh) all.push_back(&spec);
  for (const std::string_view alias : spec.aliases)
    if (!alias.empty()) names.try_emplace(alias, at->second);
  return at->second;
}

template <class Id>
std::optional<Id> look_up(const std::unordered_map<std::string_view, std::uint16_t>& names,
                          std::string_view name) {
  const auto at = names.find(name);
  if (at == names.end()) return std::nullopt;
  return Id{at->second};
}

}  // namespace

Catalogue::Catalogue(std::span<const ProtocolSpec* const> protocols,
                     std::span<const std::string_view> packet_events)
    : protocols_(protocols), packet_events_(packet_events) {
  if (protocols.size() > 250)
    std::abort();  // AppProto is one byte: our own list, not outside input
  pcre_letters_.fill(-1);
  std::vector<std::vector<std::uint16_t>> buffer_ids, integer_ids;
  for (const ProtocolSpec* p : protocols_) {
    buffer_ids.emplace_back();
    for (const BufferSpec& b : p->buffers) {
      const std::uint16_t id = number_of(buffer_names_, buffers_, b);
      buffer_ids.back().push_back(id);
      if (!b.modifier.empty()) modifiers_.try_emplace(b.modifier, id);
      if (b.pcre_letter != 0) pcre_letters_[static_cast<unsigned char>(b.pcre_letter)] = id;
    }
    integer_ids.emplace_back();
    for (const IntegerSpec& i : p->integers)
      integer_ids.back().push_back(number_of(integer_names_, integers_, i));
  }
  buffer_local_.assign(protocols_.size() + 2, std::vector<int>(buffers_.size(), -1));
  integer_local_.assign(protocols_.size() + 2, std::vector<int>(integers_.size(), -1));
  for (std::size_t p = 0; p < protocols_.size(); ++p) {
    for (std::size_t i = 0; i < buffer_ids[p].size(); ++i)
      buffer_local_[p + 2][buffer_ids[p][i]] = static_cast<int>(i);
    for (std::size_t i = 0; i < integer_ids[p].size(); ++i)
      integer_local_[p + 2][integer_ids[p][i]] = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < packet_events_.size(); ++i)
    packet_event_numbers_.try_emplace(packet_events_[i], static_cast<std::uint16_t>(i));
}

const ProtocolSpec* Catalogue::protocol(AppProto p) const {
  return p.is_known() && p.value - 2u < protocols_.size() ? protocols_[p.value - 2u] : nullptr;
}

std::string_view Catalogue::name(AppProto p) const {
  if (p == kAppFailed) return "failed";
  const ProtocolSpec* spec = protocol(p);
  return spec == nullptr ? std::string_view{} : spec->name;
}

std::vector<AppProto> Catalogue::rule_protocols(std::string_view name) const {
  std::vector<AppProto> out;
  for (std::size_t i = 0; i < protocols_.size(); ++i)
    if (!name.empty() &&
        std::ranges::find(protocols_[i]->rule_names, name) != protocols_[i]->rule_names.end())
      out.push_back(AppProto{static_cast<std::uint8_t>(i + 2)});
  return out;
}

AppProto Catalogue::by_name(std::string_view eve_name) const {
  for (std::size_t i = 0; i < protocols_.size(); ++i)
    if (protocols_[i]->name == eve_name) return AppProto{static_cast<std::uint8_t>(i + 2)};
  return kAppUnknown;
}

std::optional<BufferId> Catalogue::buffer(std::string_view name) const {
  return look_up<BufferId>(buffer_names_, name);
}
std::optional<BufferId> Catalogue::buffer_by_modifier(std::string_view modifier) const {
  return look_up<BufferId>(modifiers_, modifier);
}
std::optional<BufferId> Catalogue::buffer_by_pcre_letter(char letter) const {
  const int id = pcre_letters_[static_cast<unsigned char>(letter)];
  if (id < 0) return std::nullopt;
  return BufferId{static_cast<std::uint16_t>(id)};
}
std::optional<IntegerId> Catalogue::integer(std::string_view name) const {
  return look_up<IntegerId>(integer_names_, name);
}

const BufferSpec* Catalogue::spec(AppProto p, BufferId id) const {
  const int at = local(p, id);
  return at < 0 ? nullptr : &protocols_[p.value - 2u]->buffers[static_cast<std::size_t>(at)];
}
const IntegerSpec* Catalogue::spec(AppProto p, IntegerId id) const {
  const int at = local(p, id);
  return at < 0 ? nullptr : &protocols_[p.value - 2u]->integers[static_cast<std::size_t>(at)];
}

std::vector<Catalogue::EventRef> Catalogue::app_events(std::string_view dotted) const {
  std::vector<EventRef> out;
  const auto dot = dotted.find('.');
  if (dot == std::string_view::npos) return out;
  for (std::size_t p = 0; p < protocols_.size(); ++p) {
    if (protocols_[p]->event_prefix != dotted.substr(0, dot)) continue;
    const auto& events = protocols_[p]->events;
    const auto at = std::ranges::find(events, dotted.substr(dot + 1));
    if (at != events.end())
      out.push_back({AppProto{static_cast<std::uint8_t>(p + 2)},
                     static_cast<std::uint16_t>(at - events.begin())});
  }
  return out;
}

std::optional<std::uint16_t> Catalogue::packet_event(std::string_view name) const {
  const auto at = packet_event_numbers_.find(name);
  if (at == packet_event_numbers_.end()) return std::nullopt;
  return at->second;
}

}  // namespace chieng
