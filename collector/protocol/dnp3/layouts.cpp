#include "collector/protocol/dnp3/layouts.h"

#include <algorithm>
#include <utility>

namespace chieng::collector::dnp3 {
namespace {

constexpr Bit online{"online", 1}, restart{"restart", 1}, comm_lost{"comm_lost", 1},
    remote_forced{"remote_forced", 1}, local_forced{"local_forced", 1}, rollover{"rollover", 1},
    discontinuity{"discontinuity", 1}, reserved0{"reserved0", 1}, reserved1{"reserved1", 1},
    state{"state", 1}, status_code{"status_code", 7};

constexpr Bit binary[] = {online,          restart,      comm_lost,
                          remote_forced,   local_forced, {"chatter_filter", 1},
                          {"reserved", 1}, state};
constexpr Bit double_bit[] = {
    online, restart, comm_lost, remote_forced, local_forced, {"chatter_filter", 1}, {"state", 2}};
constexpr Bit output[] = {online,       restart,   comm_lost, remote_forced,
                          local_forced, reserved0, reserved1, state};
constexpr Bit counter[] = {online,       restart,  comm_lost,     remote_forced,
                           local_forced, rollover, discontinuity, reserved0};
constexpr Bit counter_last[] = {online,       restart,  comm_lost,     remote_forced,
                                local_forced, rollover, discontinuity, reserved1};
constexpr Bit counter_plain[] = {online,       restart,  comm_lost, remote_forced,
                                 local_forced, rollover, reserved0, reserved1};
constexpr Bit analog[] = {online,
                          restart,
                          comm_lost,
                          remote_forced,
                          local_forced,
                          {"over_range", 1},
                          {"reference_err", 1},
                          reserved0};
constexpr Bit association[] = {online,       restart,   comm_lost,     remote_forced,
                               local_forced, reserved0, discontinuity, reserved1};
constexpr Bit command[] = {{"op_type", 4}, {"qu", 1}, {"cr", 1}, {"tcc", 2}};
constexpr Bit command_status[] = {status_code, {"reserved", 1}};
constexpr Bit result[] = {status_code, {"commanded_state", 1}};
constexpr Bit result_value[] = {status_code, reserved0};
constexpr Bit fill[] = {{"fill_percentage", 7}, {"overflow_state", 1}};
constexpr Bit configuration[] = {{"rd", 1}, {"wr", 1},       {"st", 1},       {"ev", 1},
                                 {"df", 1}, {"padding0", 1}, {"padding1", 1}, {"padding2", 1}};

constexpr Field bits(std::span<const Bit> set) {
  return {"", Kind::bits, 1, 0, set};
}
constexpr Field packed(const char* name, std::uint8_t width) {
  return {name, Kind::packed, width};
}
constexpr Field u8(const char* name) {
  return {name, Kind::number, 1};
}
constexpr Field u16(const char* name) {
  return {name, Kind::number, 2};
}
constexpr Field u24(const char* name) {
  return {name, Kind::number, 3};
}
constexpr Field u32(const char* name) {
  return {name, Kind::number, 4};
}
constexpr Field u48(const char* name) {
  return {name, Kind::number, 6};
}
constexpr Field s16(const char* name) {
  return {name, Kind::signed_int, 2};
}
constexpr Field s32(const char* name) {
  return {name, Kind::signed_int, 4};
}
constexpr Field f32(const char* name) {
  return {name, Kind::f32, 4};
}
constexpr Field f64(const char* name) {
  return {name, Kind::f64, 8};
}
constexpr Field text(const char* name, std::uint8_t length) {
  return {name, Kind::text, 0, length};
}
constexpr Field text_rest(const char* name) {
  return {name, Kind::text_rest};
}
constexpr Field c_text(const char* name, std::uint8_t width) {
  return {name, Kind::c_text, width};
}
constexpr Field blob(const char* name, std::uint8_t length) {
  return {name, Kind::blob, 0, length};
}
constexpr Field blob_rest(const char* name) {
  return {name, Kind::blob_rest};
}

// In the order of group and variation.
constexpr Layout kLayouts[] = {
    {1, 1, {packed("state", 1)}},
    {1, 2, {bits(binary)}},
    {2, 1, {u8("state")}},
    {2, 2, {bits(binary), u48("timestamp")}},
    {2, 3, {bits(binary), u16("timestamp")}},
    {3, 1, {packed("state", 2)}},
    {3, 2, {bits(double_bit)}},
    {4, 1, {bits(double_bit)}},
    {4, 2, {bits(double_bit), u48("timestamp")}},
    {4, 3, {bits(double_bit), u16("relative_time_ms")}},
    {10, 1, {packed("state", 1)}},
    {10, 2, {bits(output)}},
    {11, 1, {bits(output)}},
    {11, 2, {bits(output), u48("timestamp")}},
    {12, 1, {bits(command), u8("count"), u32("ontime"), u32("offtime"), bits(command_status)}},
    {12, 2, {bits(command), u8("count"), u32("ontime"), u32("offtime"), bits(command_status)}},
    {12, 3, {packed("point", 1)}},
    {13, 1, {bits(result)}},
    {13, 2, {bits(result), u48("timestamp")}},
    {20, 1, {bits(counter), u32("count")}},
    {20, 2, {bits(counter), u16("count")}},
    {20, 3, {bits(counter_plain), u32("count")}},
    {20, 4, {bits(counter_plain), u16("count")}},
    {20, 5, {u32("count")}},
    {20, 6, {u16("count")}},
    {20, 7, {u32("count")}},
    {20, 8, {u16("count")}},
    {21, 1, {bits(counter), u32("count")}},
    {21, 2, {bits(counter), u16("count")}},
    {21, 3, {bits(counter_plain), u32("count")}},
    {21, 4, {bits(counter_plain), u16("count")}},
    {21, 5, {bits(counter_last), u32("count"), u48("timestamp")}},
    {21, 6, {bits(counter_last), u16("count"), u48("timestamp")}},
    {21, 7, {bits(counter_plain), u32("count"), u48("timestamp")}},
    {21, 8, {bits(counter_plain), u16("count"), u48("timestamp")}},
    {21, 9, {u32("count")}},
    {21, 10, {u16("count")}},
    {21, 11, {u32("count")}},
    {21, 12, {u16("count")}},
    {22, 1, {bits(counter), u32("count")}},
    {22, 2, {bits(counter), u16("count")}},
    {22, 3, {bits(counter_plain), u32("count")}},
    {22, 4, {bits(counter_plain), u16("count")}},
    {22, 5, {bits(counter_plain), u32("count"), u48("timestamp")}},
    {22, 6, {bits(counter), u16("count"), u48("timestamp")}},
    {22, 7, {bits(counter_plain), u32("count"), u48("timestamp")}},
    {22, 8, {bits(counter_plain), u16("count"), u48("timestamp")}},
    {23, 1, {bits(counter), u32("count")}},
    {23, 2, {bits(counter_plain), u16("count")}},
    {23, 3, {bits(counter_plain), u32("count")}},
    {23, 4, {bits(counter_plain), u16("count")}},
    {23, 5, {bits(counter), u32("count"), u48("timestamp")}},
    {23, 6, {bits(counter), u16("count"), u48("timestamp")}},
    {23, 7, {bits(counter_plain), u32("count"), u48("timestamp")}},
    {23, 8, {bits(counter_plain), u16("count"), u48("timestamp")}},
    {30, 1, {bits(analog), s32("value")}},
    {30, 2, {bits(analog), s16("value")}},
    {30, 3, {s32("value")}},
    {30, 4, {s16("value")}},
    {30, 5, {bits(analog), f32("value")}},
    {30, 6, {bits(analog), f64("value")}},
    {31, 1, {bits(analog), s32("value")}},
    {31, 2, {bits(analog), s16("value")}},
    {31, 3, {bits(analog), s32("value"), u48("timestamp")}},
    {31, 4, {bits(analog), s16("value"), u48("timestamp")}},
    {31, 5, {s32("value")}},
    {31, 6, {s16("value")}},
    {31, 7, {bits(analog), f32("value")}},
    {31, 8, {bits(analog), f64("value")}},
    {32, 1, {bits(analog), s32("value")}},
    {32, 2, {bits(analog), s16("value")}},
    {32, 3, {bits(analog), s32("value"), u48("timestamp")}},
    {32, 4, {bits(analog), s16("value"), u48("timestamp")}},
    {32, 5, {bits(analog), f32("value")}},
    {32, 6, {bits(analog), f64("value")}},
    {32, 7, {bits(analog), f32("value"), u48("timestamp")}},
    {32, 8, {bits(analog), f64("value"), u48("timestamp")}},
    {33, 1, {bits(analog), s32("value")}},
    {33, 2, {bits(analog), s16("value")}},
    {33, 3, {bits(analog), s32("value"), u48("timestamp")}},
    {33, 4, {bits(analog), s16("value"), u48("timestamp")}},
    {33, 5, {bits(analog), f32("value")}},
    {33, 6, {bits(analog), f64("value")}},
    {33, 7, {bits(analog), f32("value"), u48("timestamp")}},
    {33, 8, {bits(analog), f64("value"), u48("timestamp")}},
    {34, 1, {u16("deadband_value")}},
    {34, 2, {u32("deadband_value")}},
    {34, 3, {f32("deadband_value")}},
    {40, 1, {bits(analog), s32("value")}},
    {40, 2, {bits(analog), s16("value")}},
    {40, 3, {bits(analog), f32("value")}},
    {40, 4, {bits(analog), f64("value")}},
    {41, 1, {s32("value"), u8("control_status")}},
    {41, 2, {s16("value"), u8("control_status")}},
    {41, 3, {f32("value"), u8("control_status")}},
    {41, 4, {f64("value"), u8("control_status")}},
    {42, 1, {bits(analog), s32("value")}},
    {42, 2, {bits(analog), s16("value")}},
    {42, 3, {bits(analog), s32("value"), u48("timestamp")}},
    {42, 4, {bits(analog), s16("value"), u48("timestamp")}},
    {42, 5, {bits(analog), f32("value")}},
    {42, 6, {bits(analog), f64("value")}},
    {42, 7, {bits(analog), f32("value"), u48("timestamp")}},
    {42, 8, {bits(analog), f64("value"), u48("timestamp")}},
    {43, 1, {bits(result_value), s32("commanded_value")}},
    {43, 2, {bits(result_value), s16("commanded_value")}},
    {43, 3, {bits(result_value), s32("commanded_value"), u48("timestamp")}},
    {43, 4, {bits(result_value), s16("commanded_value"), u48("timestamp")}},
    {43, 5, {bits(result_value), f32("commanded_value")}},
    {43, 6, {bits(result_value), f64("commanded_value")}},
    {43, 7, {bits(result_value), f32("commanded_value"), u48("timestamp")}},
    {43, 8, {bits(result_value), f64("commanded_value"), u48("timestamp")}},
    {50, 1, {u48("timestamp")}},
    {50, 2, {u48("timestamp"), u32("interval")}},
    {50, 3, {u48("timestamp")}},
    {50, 4, {u48("timestamp"), u32("interval_count"), u8("interval_units")}},
    {51, 1, {u48("timestamp")}},
    {51, 2, {u48("timestamp")}},
    {52, 1, {u16("delay_secs")}},
    {52, 2, {u16("delay_ms")}},
    {70,
     1,
     {u16("filename_size"), u8("filetype_code"), u8("attribute_code"), u16("start_record"),
      u16("end_record"), u32("file_size"), u48("created_timestamp"), u16("permission"),
      u32("file_id"), u32("owner_id"), u32("group_id"), u8("file_function_code"), u8("status_code"),
      text("filename", 0), u16("data_size"), text("data", 14)}},
    {70,
     2,
     {u16("username_offset"), u16("username_size"), u16("password_offset"), u16("password_size"),
      u32("authentication_key"), text("username", 1), text("password", 3)}},
    {70,
     3,
     {u16("filename_offset"), u16("filename_size"), u48("created"), u16("permissions"),
      u32("authentication_key"), u32("file_size"), u16("operational_mode"),
      u16("maximum_block_size"), u16("request_id"), text("filename", 1)}},
    {70,
     4,
     {u32("file_handle"), u32("file_size"), u16("maximum_block_size"), u16("request_id"),
      u8("status_code"), text_rest("optional_text")}},
    {70, 5, {u32("file_handle"), u32("block_number"), text_rest("file_data")}},
    {70,
     6,
     {u32("file_handle"), u32("block_number"), u8("status_code"), text_rest("optional_text")}},
    {70,
     7,
     {u16("filename_offset"), u16("filename_size"), u16("file_type"), u32("file_size"),
      u48("created_timestamp"), u16("permissions"), u16("request_id"), text("filename", 1)}},
    {70, 8, {text_rest("file_specification")}},
    {80, 1, {packed("state", 1)}},
    {81, 1, {bits(fill), u8("group"), u8("variation")}},
    {83,
     1,
     {c_text("data->vendor_code", 4), u16("object_id"), u16("length"),
      blob("data->data_objects", 2)}},
    {86, 2, {bits(configuration)}},
    {102, 1, {u8("value")}},
    {120, 1, {u32("csq"), u16("usr"), u8("mal"), u8("reason"), blob_rest("data->challenge_data")}},
    {120, 2, {u32("csq"), u16("usr"), blob_rest("data->mac_value")}},
    {120, 3, {u32("csq"), u16("user_number")}},
    {120, 4, {u16("user_number")}},
    {120,
     5,
     {u32("ksq"), u16("user_number"), u8("key_wrap_alg"), u8("key_status"), u8("mal"),
      u16("challenge_data_len"), blob("data->challenge_data", 5), blob_rest("data->mac_value")}},
    {120, 6, {u24("ksq"), u16("usr"), blob_rest("data->wrapped_key_data")}},
    {120,
     7,
     {u32("sequence_number"), u16("usr"), u16("association_id"), u8("error_code"),
      u48("time_of_error"), text_rest("error_text")}},
    {120, 8, {u8("key_change_method"), u8("certificate_type"), blob_rest("data->certificate")}},
    {120, 9, {blob_rest("data->mac_value")}},
    {120,
     10,
     {u8("key_change_method"), u8("operation"), u32("scs"), u16("user_role"),
      u16("user_role_expiry_interval"), u16("username_len"), u16("user_public_key_len"),
      u16("certification_data_len"), text("username", 5), blob("data->user_public_key", 6),
      blob("data->certification_data", 7)}},
    {120,
     11,
     {u8("key_change_method"), u16("username_len"), u16("master_challenge_data_len"),
      text("username", 1), blob("data->master_challenge_data", 2)}},
    {120,
     12,
     {u32("ksq"), u16("user_number"), u16("challenge_data_len"), blob("data->challenge_data", 2)}},
    {120,
     13,
     {u32("ksq"), u16("user_number"), u16("encrypted_update_key_len"),
      blob("data->encrypted_update_key_data", 2)}},
    {120, 14, {blob_rest("data->digital_signature")}},
    {120, 15, {blob_rest("data->mac")}},
    {121, 1, {bits(association), u16("association_id"), u32("count_value")}},
    {122, 1, {bits(association), u16("association_id"), u32("count_value")}},
    {122, 2, {bits(association), u16("association_id"), u32("count_value"), u48("timestamp")}},
};

constexpr std::pair<std::uint8_t, std::uint8_t> key(const Layout& l) {
  return {l.group, l.variation};
}
static_assert(std::ranges::is_sorted(kLayouts, {}, key));

}  // namespace

const Layout* find_layout(std::uint8_t group, std::uint8_t variation) {
  const auto at = std::ranges::lower_bound(kLayouts, std::pair{group, variation}, {}, key);
  if (at == std::end(kLayouts) || key(*at) != std::pair{group, variation}) return nullptr;
  return at;
}

}  // namespace chieng::collector::dnp3
