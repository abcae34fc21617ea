import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./TalkingMark.module.css";

/** While the space bar is held: nobody may be heard unknowingly. */
export function TalkingMark({ call }: { call: Call }) {
  const { t } = useTranslation();
  const isTalking = useStore(call.store, (state) => state.isTalking);
  return (
    <div role="status" className={styles.place}>
      {isTalking && (
        <p className={styles.mark} data-testid="talking-mark">
          <Icon name="microphone" size={18} />
          {t("comfort.talking")}
        </p>
      )}
    </div>
  );
}
