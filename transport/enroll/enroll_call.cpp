// The agent's side of an enrolment.
#include "transport/enroll/enroll.h"
#include "transport/enroll/enroll_message.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"
#include "transport/socket/socket.h"

namespace chieng {
namespace {

std::string advice(std::uint16_t code) {
  switch (static_cast<EnrollRefusal>(code)) {
    case EnrollRefusal::unknown_token:
      return "the server does not know this token; ask for a new one";
    case EnrollRefusal::expired:
      return "the token has expired; ask for a new one";
    case EnrollRefusal::used:
      return "the token has been used; each token enrols one agent, ask for a new one";
    case EnrollRefusal::wrong_proof:
      return "the proof of the token does not match; copy the token again";
    case EnrollRefusal::name_taken:
      return "another agent of the agency has this name; choose another with --name";
    case EnrollRefusal::too_many:
      return "too many attempts; wait a minute and try again";
    case EnrollRefusal::closed:
      return "enrolment is closed at the server";
    case EnrollRefusal::malformed:
      return "the server could not read the request; are both sides of the same version?";
    case EnrollRefusal::internal:
      break;
  }
  return "the server could not enrol this agent; its log says why";
}

Result<EnrollReply> read_answer(const Frame& frame) {
  if (frame.type == FrameType::enrolled) {
    CHIENG_TRY(EnrollReply reply, decode_enrolled(as_bytes(frame.body)));
    CHIENG_CHECK(check_endpoint(reply.transport_endpoint));
    return reply;
  }
  if (frame.type != FrameType::refused)
    return fail(ErrorCode::parse, "the server gave an answer of another kind");
  CHIENG_TRY(const ErrorBody error, decode_error(as_bytes(frame.body)));
  return fail(ErrorCode::auth, advice(error.code));
}

Result<EnrollReply> exchange(const EnrollCall& call, const std::string& endpoint) {
  using Clock = std::chrono::steady_clock;
  zmq::context_t context;
  zmq::socket_t socket = make_dealer(context, call.keys, call.token.server_key, kMaxFrameAtAgent);
  ConnectionMonitor monitor(context, socket);
  socket.connect(endpoint);
  Frame frame;
  frame.type = FrameType::enroll;
  frame.body = encode_enroll({call.token.secret, call.keys.public_key,
                              enroll_proof(call.token.secret, call.keys.public_key, call.name),
                              call.name, call.host_facts});
  socket.send(zmq::buffer(encode_frame(frame)), zmq::send_flags::none);
  const auto until = Clock::now() + call.timeout;
  while (Clock::now() < until) {
    zmq::pollitem_t items[] = {{socket.handle(), 0, ZMQ_POLLIN, 0},
                               {monitor.socket().handle(), 0, ZMQ_POLLIN, 0}};
    zmq::poll(items, 2, std::chrono::milliseconds(100));
    zmq::message_t answer;
    if (socket.recv(answer, zmq::recv_flags::dontwait)) {
      CHIENG_TRY(const Frame read,
                 decode_frame({static_cast<const std::byte*>(answer.data()), answer.size()}));
      return read_answer(read);
    }
    const auto event = monitor.next();
    if (event != ConnectionEvent::none && event != ConnectionEvent::ready)
      return fail(ErrorCode::unavailable, "cannot connect to " + endpoint +
                                              ", or the server there does not have the "
                                              "key with the fingerprint " +
                                              fingerprint(call.token.server_key));
  }
  return fail(ErrorCode::timeout, "no answer from " + endpoint +
                                      "; is it the enrolment endpoint, and is the server's "
                                      "fingerprint " +
                                      fingerprint(call.token.server_key) + "?");
}

}  // namespace

std::string_view to_string(EnrollRefusal refusal) {
  switch (refusal) {
    case EnrollRefusal::malformed:
      return "malformed";
    case EnrollRefusal::unknown_token:
      return "unknown_token";
    case EnrollRefusal::expired:
      return "expired";
    case EnrollRefusal::used:
      return "used";
    case EnrollRefusal::wrong_proof:
      return "wrong_proof";
    case EnrollRefusal::name_taken:
      return "name_taken";
    case EnrollRefusal::too_many:
      return "too_many";
    case EnrollRefusal::closed:
      return "closed";
    case EnrollRefusal::internal:
      return "internal";
  }
  return "internal";
}

Result<EnrollReply> enroll(const EnrollCall& call) {
  const std::string& endpoint = call.endpoint.empty() ? call.token.endpoint : call.endpoint;
  if (endpoint.empty())
    return fail(ErrorCode::invalid_argument,
                "the token names no enrolment endpoint; give it, such as tcp://server:7401");
  CHIENG_CHECK(check_endpoint(endpoint));
  if (call.name.empty() || call.name.size() > 128)
    return fail(ErrorCode::invalid_argument,
                "an agent's name has 1 to 128 bytes, not " + std::to_string(call.name.size()));
  if (call.host_facts.size() > 8192)
    return fail(ErrorCode::invalid_argument, "host facts have at most 8192 bytes");
  try {
    return exchange(call, endpoint);
  } catch (const zmq::error_t& error) {
    return fail(ErrorCode::io, std::string("ZeroMQ: ") + error.what());
  }
}

}  // namespace chieng
