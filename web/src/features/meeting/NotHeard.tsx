import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./NotHeard.module.css";

/** An open microphone that the server does not forward: nobody may talk into the void unknowingly. */
export function NotHeard({ call }: { call: Call }) {
  const { t } = useTranslation();
  const meeting = useStore(call.store, (state) => state.meeting);
  const isOn = useStore(call.store, (state) => state.microphone.status === "on");
  const isWanted = useStore(call.store, (state) => state.microphone.wanted);
  if (!meeting || !isOn || !isWanted || !meeting.me.may_publish || meeting.me.heard) return null;
  const why = meeting.clock.paused_until !== null ? "paused" : "strict";
  return (
    <p className={styles.unheard} role="status" data-testid="not-heard">
      <Icon name="microphoneOff" size={18} />
      {t(`meeting.not_heard_${why}`)}
    </p>
  );
}
