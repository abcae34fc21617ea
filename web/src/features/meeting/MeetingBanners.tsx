import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { MeetingState } from "../../core/meeting/state";
import { clockText } from "../../core/meeting/time";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { Banner } from "../call/Banner";
import { MotionBanner } from "./MotionBanner";
import { useNow } from "./useNow";

/** What holds for the whole meeting at present, with what can be done about it by whoever may. */
export function MeetingBanners({ call }: { call: Call }) {
  const { t } = useTranslation();
  const meeting = useStore(call.store, (state) => state.meeting);
  const isTold = useStore(call.store, (state) => state.isTold);
  const isSteady = useStore(call.store, (state) => state.connection === "steady");
  if (!meeting) return null;
  const { me, clock, floor } = meeting;
  const isRehearsal = meeting.meeting.format === "webinar" && clock.live_at === null;
  const mayTakeTurn = floor.holder === me.id && me.role === "observer";
  return (
    <>
      {!isTold && isSteady && (
        <Banner look="warning" icon="weak" text={t("meeting.untold")} testId="untold-banner" />
      )}
      {clock.suspended && (
        <Banner
          look="warning"
          icon="pause"
          text={t("meeting.suspended")}
          testId="suspended-banner"
        />
      )}
      {clock.paused_until !== null && <PausedBanner call={call} meeting={meeting} />}
      <MotionBanner call={call} meeting={meeting} />
      {isRehearsal && (
        <Banner look="info" icon="people" text={t("meeting.rehearsal")} testId="rehearsal-banner">
          {me.leads && (
            <Button
              look="primary"
              data-testid="go-live-button"
              onPress={() => call.order({ do: "go_live" })}
            >
              {t("meeting.go_live")}
            </Button>
          )}
        </Banner>
      )}
      {mayTakeTurn && <TurnBanner call={call} />}
    </>
  );
}

function PausedBanner({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const now = useNow(meeting.offset);
  const left = (meeting.clock.paused_until ?? now) - now;
  return (
    <Banner
      look="info"
      icon="pause"
      text={`${t("meeting.paused")} (${clockText(left)})`}
      testId="paused-banner"
      isQuiet
    >
      {meeting.me.leads && (
        <Button onPress={() => call.order({ do: "continue" })}>{t("meeting.continue")}</Button>
      )}
    </Banner>
  );
}

/** A viewer publishes nothing before they say so themselves. */
function TurnBanner({ call }: { call: Call }) {
  const { t } = useTranslation();
  const isOn = useStore(call.store, (state) => state.microphone.wanted);
  return (
    <Banner
      look="info"
      icon="microphone"
      text={t(isOn ? "floor.yours" : "meeting.your_turn")}
      testId="your-turn-banner"
    >
      {!isOn && (
        <Button
          look="primary"
          data-testid="speak-button"
          onPress={() => call.send({ type: "capture_toggled", kind: "microphone" })}
        >
          {t("meeting.speak")}
        </Button>
      )}
      <Button onPress={() => call.order({ do: "release_floor" })}>{t("hand.release")}</Button>
    </Banner>
  );
}
