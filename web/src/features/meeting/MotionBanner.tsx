import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { Motion } from "../../core/meeting/live";
import { nameIn } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import { clockText, minutesOf } from "../../core/meeting/time";
import { Button } from "../../ui/Button";
import { Banner } from "../call/Banner";
import { useNow } from "./useNow";

interface Props {
  call: Call;
  meeting: MeetingState;
}
type Open = Props & { motion: NonNullable<Motion> };

/** More time that was asked for, until it is answered; how a vote ended, the notices say. */
export function MotionBanner({ call, meeting }: Props) {
  const { motion } = meeting;
  if (motion?.stage === "voting") return <Vote call={call} meeting={meeting} motion={motion} />;
  if (motion?.stage === "asked") return <Asked call={call} meeting={meeting} motion={motion} />;
  return null;
}

/** For who can answer it, and for whoever asked. */
function Asked({ call, meeting, motion }: Open) {
  const { t } = useTranslation();
  const isMine = motion.person === meeting.me.id;
  const { leads } = meeting.me;
  if (!leads && !isMine) return null;
  const { length, reason } = motion;
  const name = nameIn(meeting, motion.person, t("chat.gone"));
  const count = minutesOf(length);
  return (
    <Banner
      look="info"
      icon="clock"
      text={t(leads ? "motion.asked" : "motion.mine", { name, count, reason })}
      testId="motion-banner"
    >
      {leads && (
        <>
          <Button
            look="primary"
            data-testid="grant-button"
            onPress={() => call.order({ do: "extend", length, reason })}
          >
            {t("time.extend_action")}
          </Button>
          <Button data-testid="put-to-vote-button" onPress={() => call.order({ do: "call_vote" })}>
            {t("motion.call_vote")}
          </Button>
        </>
      )}
      <Button data-testid="withdraw-button" onPress={() => call.order({ do: "withdraw_motion" })}>
        {t(leads ? "motion.dismiss" : "motion.withdraw")}
      </Button>
    </Banner>
  );
}

function Vote({ call, meeting, motion }: Open) {
  const { t } = useTranslation();
  const { me } = meeting;
  const left = motion.until - useNow(meeting.offset);
  const question = t("motion.question", {
    count: minutesOf(motion.length),
    reason: motion.reason,
    time: clockText(left),
  });
  const answer = (yes: boolean) => (
    <Button
      look={me.ballot === yes ? "primary" : "secondary"}
      aria-pressed={me.ballot === yes}
      data-testid={yes ? "vote-yes" : "vote-no"}
      onPress={() => call.order({ do: "vote", yes })}
    >
      {t(yes ? "motion.yes" : "motion.no")}
    </Button>
  );
  return (
    <Banner look="info" icon="question" text={question} testId="vote-banner" isQuiet>
      {me.may_vote && (
        <>
          {answer(true)}
          {answer(false)}
        </>
      )}
      {me.leads && (
        <Button
          look="quiet"
          data-testid="withdraw-button"
          onPress={() => call.order({ do: "withdraw_motion" })}
        >
          {t("motion.stop")}
        </Button>
      )}
    </Banner>
  );
}
