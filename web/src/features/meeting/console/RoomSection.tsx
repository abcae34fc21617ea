import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { MeetingState } from "../../../core/meeting/state";
import { meetingLink } from "../../../core/meetingLink";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Icon } from "../../../ui/Icon";
import { CopyButton } from "../../home/CopyButton";
import choices from "../../home/EndDialog.module.css";
import styles from "./Console.module.css";

export function RoomSection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [isClosing, setClosing] = useState(false);
  const { id, locked } = meeting.meeting;
  const { me } = meeting;
  return (
    <>
      <p className={styles.note}>{t(locked ? "room.locked_text" : "room.open_text")}</p>
      <div className={styles.buttons}>
        <Button
          data-testid="lock-button"
          onPress={() => call.order({ do: "lock", locked: !locked })}
        >
          <Icon name={locked ? "unlock" : "lock"} size={20} />
          {t(locked ? "room.unlock" : "room.lock")}
        </Button>
        <CopyButton text={meetingLink(location.origin, id)} label={t("home.copy")} />
      </div>
      {(me.role === "chair" || me.owner) && (
        <Button look="danger" data-testid="close-button" onPress={() => setClosing(true)}>
          {t("room.close")}
        </Button>
      )}
      <Dialog
        title={t("room.close_title")}
        closeLabel={t("app.cancel")}
        isOpen={isClosing}
        onClose={() => setClosing(false)}
      >
        <p>{t("room.close_text")}</p>
        <div className={choices.choices}>
          <Button onPress={() => setClosing(false)}>{t("app.cancel")}</Button>
          <Button
            look="danger"
            data-testid="close-confirm"
            onPress={() => {
              setClosing(false);
              call.order({ do: "close" });
            }}
          >
            {t("room.close_action")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
