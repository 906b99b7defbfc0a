// Names of Modbus codes as EVE has them.
#include "collector/protocol/modbus/message.h"

namespace chieng::collector::modbus {
namespace {

struct Named {
  std::uint16_t code;
  std::string_view name;
};

constexpr Named kFunctions[] = {{1, "RdCoils"},
                                {2, "RdDiscreteInputs"},
                                {3, "RdHoldRegs"},
                                {4, "RdInputRegs"},
                                {5, "WrSingleCoil"},
                                {6, "WrSingleReg"},
                                {7, "RdExcStatus"},
                                {8, "Diagnostic"},
                                {9, "Program484"},
                                {10, "Poll484"},
                                {11, "GetCommEventCtr"},
                                {12, "GetCommEventLog"},
                                {13, "ProgramController"},
                                {14, "PollController"},
                                {15, "WrMultCoils"},
                                {16, "WrMultRegs"},
                                {17, "ReportServerID"},
                                {18, "Program884"},
                                {19, "ResetCommLink"},
                                {20, "RdFileRec"},
                                {21, "WrFileRec"},
                                {22, "MaskWrReg"},
                                {23, "RdWrMultRegs"},
                                {24, "RdFIFOQueue"},
                                {43, "MEI"}};

constexpr Named kDiagnostics[] = {{0, "RetQueryData"},
                                  {1, "RestartCommOpt"},
                                  {2, "RetDiagReg"},
                                  {3, "ChangeInputDelimiter"},
                                  {4, "ForceListenOnlyMode"},
                                  {10, "ClearCtrDiagReg"},
                                  {11, "RetBusMsgCount"},
                                  {12, "RetBusCommErrCount"},
                                  {13, "RetBusExcErrCount"},
                                  {14, "RetServerMsgCount"},
                                  {15, "RetServerNoRespCount"},
                                  {16, "RetServerNAKCount"},
                                  {17, "RetServerBusyCount"},
                                  {18, "RetBusCharOverrunCount"},
                                  {19, "RetOverrunErrCount"},
                                  {20, "ClearOverrunCounterFlag"},
                                  {21, "GetClearPlusStats"}};

constexpr Named kInterfaces[] = {{13, "CANOpenGenRefReqResp"}, {14, "RdDevId"}};

constexpr Named kExceptions[] = {{1, "IllegalFunction"},
                                 {2, "IllegalDataAddr"},
                                 {3, "IllegalDataValue"},
                                 {4, "ServerDeviceFail"},
                                 {5, "Ack"},
                                 {6, "ServerDeviceBusy"},
                                 {7, "NegAck"},
                                 {8, "MemParityErr"},
                                 {10, "GatewayPathUnavailable"},
                                 {11, "GatewayTargetFailToResp"}};

template <std::size_t N>
std::string_view find(const Named (&names)[N], std::uint16_t code, std::string_view otherwise) {
  for (const Named& n : names)
    if (n.code == code) return n.name;
  return otherwise;
}

}  // namespace

std::string_view function_name(std::uint8_t code) {
  return find(kFunctions, code, "Unknown");
}
std::string_view diagnostic_name(std::uint16_t code) {
  return find(kDiagnostics, code, "Reserved");
}
std::string_view interface_name(std::uint16_t code) {
  return find(kInterfaces, code, "Unknown");
}
std::string_view exception_name(std::uint8_t code) {
  return find(kExceptions, code, "Unknown");
}

}  // namespace chieng::collector::modbus
