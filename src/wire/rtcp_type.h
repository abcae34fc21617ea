// Numbers of the RTCP formats, for the reader and the writers of wire/rtcp.h alone.
#pragma once

#include <cstdint>

namespace conclave::wire {

enum RtcpType : uint8_t {  // RFC 3550 12.1, RFC 4585 6.1, RFC 3611 2
    kRtcpSenderReport = 200,
    kRtcpReceiverReport = 201,
    kRtcpSourceDescription = 202,
    kRtcpGoodbye = 203,
    kRtcpTransportFeedback = 205,
    kRtcpPayloadFeedback = 206,
    kRtcpExtendedReport = 207,
};

enum RtcpFormat : uint8_t {  // RFC 4585 6.2, 6.3; RFC 5104 4; draft-holmer 3.1
    kFormatNack = 1,
    kFormatTransportWideCc = 15,
    kFormatPli = 1,
    kFormatFir = 4,
    kFormatApplicationLayer = 15,  // REMB is one of these
};

constexpr uint32_t kRembName = 0x52454d42;  // "REMB"
constexpr uint8_t kSdesCname = 1;
constexpr uint8_t kReceiverReferenceTimeBlock = 4;
constexpr uint8_t kDlrrBlock = 5;

}  // namespace conclave::wire
