import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { nameIn } from "../../core/meeting/people";
import { isCapturing } from "../../core/session/capture";
import type { Shown } from "../../core/stage";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { Video } from "../devices/Video";
import { Countdown } from "../meeting/Countdown";
import { NotHeard } from "../meeting/NotHeard";
import { type Hand, useHand } from "../meeting/useHand";
import styles from "./FloatingCall.module.css";

/** The meeting beside other work: who is seen and speaks, how long it lasts, and what one may need at once. */
export function FloatingCall({ call, shown }: { call: Call; shown: Shown | null }) {
  const { t } = useTranslation();
  const meeting = useStore(call.store, (state) => state.meeting);
  const hand = useHand(call);
  const trackKey = shown?.person[shown.source] ?? null;
  return (
    <main className={styles.window} data-testid="floating-call">
      <div className={styles.picture}>
        {shown && trackKey !== null && (
          <Video
            engine={call.engine}
            identity={shown.person.identity}
            source={shown.source}
            trackKey={trackKey}
            label={shown.person.name}
          />
        )}
      </div>
      <div className={styles.line}>
        <Speaker call={call} />
        {meeting && <Countdown meeting={meeting} />}
      </div>
      <NotHeard call={call} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div className={styles.controls} role="group" aria-label={t("call.toolbar")}>
        <Microphone call={call} />
        {hand && <HandToggle hand={hand} />}
        <Button
          look="danger"
          square
          aria-label={t("call.leave_long")}
          data-testid="floating-leave"
          onPress={() => call.send({ type: "leave_asked" })}
        >
          <Icon name="leave" />
        </Button>
      </div>
    </main>
  );
}

function Speaker({ call }: { call: Call }) {
  const { t } = useTranslation();
  const meeting = useStore(call.store, (state) => state.meeting);
  const speaker = useStore(call.store, ({ people }) =>
    people.find(({ speaking, isLocal }) => speaking && !isLocal),
  );
  const holder = meeting?.floor.holder ?? null;
  const text =
    meeting && holder !== null
      ? holder === meeting.me.id
        ? t("floor.yours")
        : t("floor.holder", { name: nameIn(meeting, holder) })
      : speaker && t("comfort.speaks", { name: speaker.name });
  return (
    <p className={styles.speaker} data-testid="floating-speaker">
      {text}
    </p>
  );
}

function Microphone({ call }: { call: Call }) {
  const { t } = useTranslation();
  const isOn = useStore(call.store, (state) => isCapturing(state, "microphone"));
  const mayPublish = useStore(call.store, (state) => state.meeting?.me.may_publish ?? true);
  if (!mayPublish) return null;
  return (
    <Button
      look={isOn ? "secondary" : "danger"}
      square
      aria-label={t(isOn ? "call.microphone_on" : "call.microphone_off")}
      data-testid="floating-mic"
      data-state={isOn ? "on" : "off"}
      onPress={() => call.send({ type: "capture_toggled", kind: "microphone" })}
    >
      <Icon name={isOn ? "microphone" : "microphoneOff"} />
    </Button>
  );
}

function HandToggle({ hand: { hasFloor, position, waiting, press } }: { hand: Hand }) {
  const { t } = useTranslation();
  const isUp = position !== null;
  const raised = isUp ? t("hand.lower", { position, count: waiting }) : t("hand.raise");
  return (
    <Button
      look={hasFloor || isUp ? "primary" : "secondary"}
      square
      aria-label={hasFloor ? t("hand.release") : raised}
      data-testid="floating-hand"
      data-state={hasFloor || isUp ? "on" : "off"}
      onPress={press}
    >
      <Icon name={hasFloor ? "handDown" : "hand"} />
    </Button>
  );
}
