// Makes a Signature out of a rule's header and options. Keywords (keywords/) call it; it knows the
// buffer that is selected at the moment and which content a modifier means. Lives for one rule.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"
#include "core/inspect/catalogue.h"
#include "rules/suricata/classification.h"
#include "rules/suricata/header.h"
#include "rules/suricata/lexer.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

class Reputations;  // dataset.h

// Names of flowbits and the like, numbered within a set.
class Names {
 public:
  std::uint32_t number(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> all_;
};

// What the rules of one load share.
struct LoadContext {
  const Catalogue& catalogue;
  HeaderSets sets;
  Classification classes;
  Names names;
  std::filesystem::path folder;  // of the file being loaded: data files are looked for beside it
  std::map<std::string, std::shared_ptr<const matching::Regex>> regexes;
  std::map<std::string, std::shared_ptr<DatasetStep>> datasets;
  std::map<std::string, std::shared_ptr<const Reputations>> reputations;
};

// What keeps a rule from loading without being a fault of it: an unmet `requires`.
inline constexpr ErrorCode kSkip = ErrorCode::unavailable;

class Builder {
 public:
  Builder(LoadContext& context, const RawRule& raw, Signature& out)
      : context_(context), raw_(raw), rule_(out) {}

  // Everything: header, options, decision of how it is inspected. failed_option() tells where it
  // stopped.
  [[nodiscard]] Status build();
  [[nodiscard]] const RawOption* failed_option() const { return option_; }
  [[nodiscard]] std::string failed_part() const {
    return option_ != nullptr ? option_->name : part_;
  }

  // ---- for keywords
  [[nodiscard]] LoadContext& context() { return context_; }
  [[nodiscard]] Signature& rule() { return rule_; }
  [[nodiscard]] const Catalogue& catalogue() const { return context_.catalogue; }
  [[nodiscard]] int option_index() const { return static_cast<int>(rule_.options.size()) - 1; }

  Status select(const Place& place, std::string_view name, std::string_view argument = {});
  void select_payload();
  [[nodiscard]] bool in_sticky_buffer() const { return sticky_ || base64_; }
  Status add_transform(Transform t);
  [[nodiscard]] List& list();  // of the selected buffer; made when first asked for
  [[nodiscard]] List& list_of(const Place& place, std::string_view name);
  [[nodiscard]] std::vector<Step>& steps();  // where the next step goes
  Step& add(Step step);                      // to the selected buffer
  Step& add_after_pattern(
      Step step, bool relative);  // relative: outside of sticky buffers to the last pattern's list
  Result<Content*> last_content();  // for modifiers; the option's text is extended by the modifier
  Status move_last_content(BufferId buffer, std::string_view name);
  Status add_regex_to(BufferId buffer, Step step);  // pcre with a buffer's letter
  Status begin_base64_data();
  void legacy_http() { http1_only_ = true; }
  void set_priority() {
    priority_set_ = true;
  }  // by the rule itself: its class does not change it then
  [[nodiscard]] bool priority_set() const { return priority_set_; }
  Result<int> define_variable(std::string_view name);
  Result<Number> number_or_variable(std::string_view text, std::int64_t low, std::int64_t high);
  [[nodiscard]] bool negate(std::string_view& value) const;  // takes a leading '!' off
  void need_direction(Direction d);
  void extend_option_text();  // of the last content, by the present modifier

 private:
  Status parse_header();
  Status parse_protocol();
  Status run_options();
  // finish.cpp: what all options together mean
  Status finish();
  Status place_lists();
  Status settle_sides();
  Status settle_protocols();
  void decide_inspection();

  LoadContext& context_;
  const RawRule& raw_;
  Signature& rule_;
  const RawOption* option_ = nullptr;
  std::string part_;

  std::deque<List> lists_;
  struct Pending {
    Place place;
    std::string name;
    std::vector<Transform> transforms;
    std::optional<Direction> side;
  };
  Pending pending_;
  List* current_ = nullptr;  // null: pending_ has not been used yet
  List* base64_list_ =
      nullptr;  // while base64_data is selected: the list and the step that decodes
  std::size_t base64_at_ = 0;
  bool sticky_ = false, base64_ = false, http1_only_ = false, app_header_ = false,
       priority_set_ = false;
  std::vector<Step>* content_steps_ = nullptr;  // where the last content is
  std::size_t content_at_ = 0;
  std::vector<Step>* pattern_steps_ = nullptr;  // where the last content or expression is
  std::map<std::string, int, std::less<>> variables_;
  std::optional<Direction> forced_;
};

}  // namespace chieng::suricata
