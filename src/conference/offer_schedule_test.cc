#include "conference/offer_schedule.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

const Instant kStart = Instant::from_ms(1000);

TEST(OfferSchedule, NothingIsDueBeforeAnythingChanged) {
    OfferSchedule offers;
    offers.schedule(kStart);
    EXPECT_FALSE(offers.is_due(kStart + Duration::seconds(60)));
    EXPECT_EQ(offers.next_timeout(), Instant::never());
}

TEST(OfferSchedule, ABurstOfChangesIsOneOffer) {
    OfferSchedule offers;
    for (int i = 0; i < 5; ++i) {
        offers.want();
        offers.schedule(kStart + Duration::millis(i));
    }
    EXPECT_EQ(offers.next_timeout(), kStart + OfferSchedule::kFirstDelay);
    EXPECT_FALSE(offers.is_due(kStart + Duration::millis(9)));
    EXPECT_TRUE(offers.is_due(kStart + Duration::millis(10)));
    EXPECT_EQ(offers.begin(kStart + Duration::millis(10)), 1u);
    EXPECT_FALSE(offers.is_due(kStart + Duration::seconds(1)));
}

TEST(OfferSchedule, LaterOffersWaitLonger) {
    OfferSchedule offers;
    for (uint32_t i = 0; i < OfferSchedule::kFirstOffers; ++i) {
        (void)offers.begin(kStart);
        offers.finish();
    }
    offers.want();
    offers.schedule(kStart);
    EXPECT_EQ(offers.next_timeout(), kStart + OfferSchedule::kDelay);
}

TEST(OfferSchedule, WhatChangesMeanwhileWaitsForTheAnswer) {
    OfferSchedule offers;
    (void)offers.begin(kStart);
    offers.want();
    offers.schedule(kStart);
    EXPECT_FALSE(offers.is_due(kStart + Duration::seconds(5))) << "one at a time";
    offers.finish();
    offers.schedule(kStart + Duration::seconds(5));
    EXPECT_TRUE(offers.is_due(kStart + Duration::seconds(5) + OfferSchedule::kFirstDelay));
}

TEST(OfferSchedule, AnAnswerIsWaitedForSoLong) {
    OfferSchedule offers;
    (void)offers.begin(kStart);
    EXPECT_FALSE(offers.is_overdue(kStart + Duration::millis(14'999)));
    EXPECT_TRUE(offers.is_overdue(kStart + OfferSchedule::kAnswerTimeout));
    EXPECT_EQ(offers.next_timeout(), kStart + OfferSchedule::kAnswerTimeout);
    offers.finish();
    EXPECT_FALSE(offers.is_overdue(kStart + Duration::seconds(60)));
}

TEST(OfferSchedule, OnlyAnswersToReplacedOffersAreStale) {
    OfferSchedule offers;
    (void)offers.begin(kStart);
    (void)offers.begin(kStart);
    EXPECT_TRUE(offers.is_stale(1));
    EXPECT_FALSE(offers.is_stale(2));
    EXPECT_FALSE(offers.is_stale(0)) << "not numbered";
    EXPECT_FALSE(offers.is_stale(77)) << "numbered by the client in its own way";
}

TEST(OfferSchedule, WithoutASocketNothingIsWaitedFor) {
    OfferSchedule offers;
    (void)offers.begin(kStart);
    offers.want();
    offers.abandon();
    EXPECT_EQ(offers.next_timeout(), Instant::never());
    EXPECT_FALSE(offers.awaits_answer());
}

}  // namespace
}  // namespace conclave::conference
