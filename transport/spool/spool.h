// The spool as its users see it: SpoolWriter (producer), SpoolReader (shipper), AckChannel between
// the two.
#pragma once

#include "transport/spool/ack_channel.h"
#include "transport/spool/reader.h"
#include "transport/spool/writer.h"
