// Any datagram: records never reach past it, and what passes during a handshake stays within the limit.
#include "base/check.h"
#include "dtls/record_filter.h"

using namespace conclave;
using namespace conclave::dtls;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kLimit = 2048;
    RecordFilter filter{kLimit};
    ByteView rest{data, size};
    size_t taken = 0;
    while (const auto record = take_record(rest)) {
        CHECK(record->bytes.data() == data + taken);
        taken += record->bytes.size();
        CHECK(taken + rest.size() == size);
        CHECK(record->body.size() + kRecordHeaderSize == record->bytes.size());
        const Verdict verdict = filter.judge_handshaking(*record, size % 2 == 0);
        const bool is_plain_handshake = record->type == ContentType::Handshake && record->epoch == 0;
        if (verdict == Verdict::Pass && is_plain_handshake) {
            ByteReader in{record->body};
            in.skip(1);
            CHECK(in.u24() <= kLimit);
            CHECK(in.u16() < RecordFilter::kMessagesMax);
        }
        CHECK(verdict != Verdict::Hold || record->bytes.size() <= RecordFilter::kHeldMax);
        CHECK(record->epoch == 1 || RecordFilter::judge_established(*record) != Verdict::Pass);
    }
    return 0;
}
