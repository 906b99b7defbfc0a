#include "collector/protocol/nfs/compound.h"

#include <algorithm>

#include "collector/protocol/nfs/rpc.h"

namespace chieng::collector::nfs {
namespace {

constexpr std::uint32_t kMostOperations = 256, kMostWords = 64;

// How operations are skipped: 4 and 8: numbers of so many bytes; s: a state id; o: opaque; b: a
// bitmap; f: attributes, which are a bitmap and opaque.
struct Shape {
  std::uint32_t operation;
  std::string_view arguments, result;
};
constexpr Shape kShapes[] = {
    {3, "4", "44"},    // ACCESS
    {4, "4s", "s"},    // CLOSE
    {5, "84", "8"},    // COMMIT
    {7, "8", ""},      // DELEGPURGE
    {8, "s", ""},      // DELEGRETURN
    {9, "b", "f"},     // GETATTR
    {10, "", "o"},     // GETFH
    {11, "o", "488"},  // LINK
    {13,
     "488"
     "8o",
     ""},                     // LOCKT
    {14, "44s88", "s"},       // LOCKU
    {15, "o", ""},            // LOOKUP
    {16, "", ""},             // LOOKUPP
    {17, "f", ""},            // NVERIFY
    {19, "4", ""},            // OPENATTR
    {20, "s4", "s"},          // OPEN_CONFIRM
    {21, "s444", "s"},        // OPEN_DOWNGRADE
    {22, "o", ""},            // PUTFH
    {23, "", ""},             // PUTPUBFH
    {24, "", ""},             // PUTROOTFH
    {25, "s84", ""},          // READ; its result is looked at
    {26, "8844b", "-"},       // READDIR
    {27, "", "o"},            // READLINK
    {28, "o", "488"},         // REMOVE
    {29, "oo", "488488"},     // RENAME
    {30, "8", ""},            // RENEW
    {31, "", ""},             // RESTOREFH
    {32, "", ""},             // SAVEFH
    {33, "o", "-"},           // SECINFO
    {34, "sf", "b"},          // SETATTR
    {35, "8o4oo4", "88"},     // SETCLIENTID
    {36, "88", ""},           // SETCLIENTID_CONFIRM
    {37, "f", ""},            // VERIFY
    {38, "-", "448"},         // WRITE; its arguments are looked at
    {39, "8o", ""},           // RELEASE_LOCKOWNER
    {44, "s", ""},            // DESTROY_SESSION
    {45, "s", ""},            // FREE_STATEID
    {52, "4", "-"},           // SECINFO_NO_NAME
    {53, "s4444", "s44444"},  // SEQUENCE
    {57, "8", ""},            // DESTROY_CLIENTID
    {58, "4", ""},            // RECLAIM_COMPLETE
    {59, "s88", ""},          // ALLOCATE
    {62, "s88", ""},          // DEALLOCATE
    {69, "s84", "48"},        // SEEK
};

const Shape* shape_of(std::uint32_t operation) {
  const auto* at = std::ranges::lower_bound(kShapes, operation, {}, &Shape::operation);
  return at != std::end(kShapes) && at->operation == operation ? at : nullptr;
}

void skip_bitmap(Reader& in) {
  const std::uint32_t words = in.u32();
  in.skip(words <= kMostWords ? std::size_t{words} * 4 : in.remaining() + 1);
}

void skip_attributes(Reader& in) {
  skip_bitmap(in);
  (void)take_opaque(in);
}

// False: the form is not known.
bool skip(Reader& in, std::string_view form) {
  for (const char c : form) switch (c) {
      case '4':
        in.skip(4);
        break;
      case '8':
        in.skip(8);
        break;
      case 's':
        in.skip(16);
        break;
      case 'o':
        (void)take_opaque(in);
        break;
      case 'b':
        skip_bitmap(in);
        break;
      case 'f':
        skip_attributes(in);
        break;
      default:
        return false;
    }
  return true;
}

std::string take_text(Reader& in) {
  return std::string(as_text(take_opaque(in)));
}

// createtype4, RFC 7530 section 16.4
std::string take_create(Reader& in) {
  constexpr std::uint32_t kBlock = 3, kCharacter = 4, kLink = 5;
  const std::uint32_t type = in.u32();
  if (type == kLink) (void)take_opaque(in);
  if (type == kBlock || type == kCharacter) in.skip(8);
  std::string name = take_text(in);
  skip_attributes(in);
  return name;
}

// OPEN4args, RFC 7530 section 16.16: the name, where one is given.
std::string take_open(Reader& in) {
  constexpr std::uint32_t kCreate = 1, kExclusive = 2, kExclusive41 = 3;
  in.skip(12 + 8);  // sequence number, access, deny, client id
  (void)take_opaque(in);
  if (in.u32() == kCreate) {
    const std::uint32_t mode = in.u32();
    if (mode >= kExclusive) in.skip(8);
    if (mode != kExclusive && mode <= kExclusive41) skip_attributes(in);
  }
  enum Claim : std::uint32_t {
    by_name,
    previous,
    delegated,
    was_delegated,
    by_handle,
    delegated_fh
  };
  switch (in.u32()) {
    case by_name:
    case was_delegated:
      return take_text(in);
    case previous:
      in.skip(4);
      return {};
    case delegated:
      in.skip(16);
      return take_text(in);
    case delegated_fh:
      in.skip(16);
      return {};
    default:
      return {};
  }
}

bool skip_lock(Reader& in) {
  in.skip(8 + 16);  // type, reclaim, offset, length
  return in.u32() != 0 ? skip(in, "4s48o") : skip(in, "s4");
}

// EXCHANGE_ID4args, RFC 5661 section 18.35; false where state is protected by keys.
bool skip_exchange(Reader& in) {
  (void)skip(in, "8o4");
  if (in.u32() != 0) return false;
  return in.u32() == 0 || skip(in, "oo84");
}

// OPEN4resok: stops in front of delegations.
bool skip_open_result(Reader& in) {
  constexpr std::uint32_t kNone = 0;
  (void)skip(in, "s4884b");
  return in.u32() == kNone;
}

// What the operation is done to is the current file handle.
class CompoundReader {
 public:
  CompoundReader(Reader& in, Compound& out) : in_(in), out_(out) {}

  // False: nothing can be read behind it.
  bool operation(std::uint32_t op) {
    switch (op) {
      case op_putfh:
        handle_ = take_text(in_);
        name_.clear();
        return true;
      case op_lookup:
        name_ = take_text(in_);
        return true;
      case op_open:
        name_ = take_open(in_);
        return true;
      case op_getfh:
        if (!name_.empty() && in_.ok()) out_.found_name = name_;
        return true;
      case op_read:
        return read();
      case op_write:
        return write();
      case op_close:
        if (skip(in_, "4s") && in_.ok()) out_.closes = handle_;
        return true;
      case op_commit:
        if (skip(in_, "84") && in_.ok()) out_.commits = handle_;
        return true;
      case op_create:
      case op_remove:
      case op_rename:
        return change(op);
      case op_lock:
        return skip_lock(in_);
      case op_exchange_id:
        return skip_exchange(in_);
      default: {
        const Shape* shape = shape_of(op);
        return shape != nullptr && skip(in_, shape->arguments);
      }
    }
  }

 private:
  bool read() {
    in_.skip(16);
    const std::uint64_t offset = in_.u64();
    in_.skip(4);
    if (in_.ok()) out_.read = {handle_, offset};
    return true;
  }
  bool write() {
    in_.skip(16);
    const std::uint64_t offset = in_.u64();
    const std::uint32_t stable = in_.u32(), length = in_.u32();
    if (!in_.ok()) return true;
    out_.write = {handle_, offset, stable > 1, {in_.position(), length}};
    return false;
  }
  bool change(std::uint32_t op) {
    std::string name = op == op_create ? take_create(in_) : take_text(in_);
    std::string to = op == op_rename ? take_text(in_) : std::string();
    if (!in_.ok()) return true;
    out_.main = op;
    out_.main_handle = handle_;
    if (op == op_create) name_ = name;
    out_.name = std::move(name);
    out_.to = std::move(to);
    return true;
  }

  Reader& in_;
  Compound& out_;
  std::string handle_, name_;
};

}  // namespace

Outcome read_compound(Bytes body, Compound& out) {
  Reader in(body);
  (void)take_opaque(in);
  in.skip(4);  // minor version
  const std::uint32_t count = in.u32();
  CompoundReader operations(in, out);
  for (std::uint32_t i = 0; i < count && i < kMostOperations && in.ok(); ++i) {
    const std::uint32_t op = in.u32();
    if (!in.ok()) break;
    if (!operations.operation(op)) return Outcome::stopped;
  }
  return in.ok() ? Outcome::done : Outcome::more;
}

Outcome read_compound_reply(Bytes body, CompoundReply& out) {
  Reader in(body);
  out.status = in.u32();
  (void)take_opaque(in);
  const std::uint32_t count = in.u32();
  for (std::uint32_t i = 0; i < count && i < kMostOperations && in.ok(); ++i) {
    const std::uint32_t op = in.u32(), status = in.u32();
    if (!in.ok()) break;
    if (status != 0) return Outcome::done;  // it is the last one
    if (op == op_read) {
      const bool end = in.u32() != 0;
      const std::uint32_t length = in.u32();
      if (!in.ok()) break;
      out.end_of_file = end;
      out.data = {in.position(), length};
      return Outcome::stopped;
    }
    if (op == op_getfh) {
      const Bytes handle = take_opaque(in);
      if (in.ok()) out.handle = as_text(handle);
      continue;
    }
    if (op == op_open) {
      if (!skip_open_result(in)) return in.ok() ? Outcome::stopped : Outcome::more;
      continue;
    }
    const Shape* shape = shape_of(op);
    const std::string_view form = op == op_lock      ? "s"
                                  : op == op_create  ? "488b"
                                  : shape != nullptr ? shape->result
                                                     : "-";
    if (!skip(in, form)) return Outcome::stopped;
  }
  return in.ok() ? Outcome::done : Outcome::more;
}

}  // namespace chieng::collector::nfs
