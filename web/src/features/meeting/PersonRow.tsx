import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { LiveMeeting, LivePerson, Me } from "../../core/meeting/live";
import { nameOf } from "../../core/meeting/people";
import type { Person } from "../../core/session/state";
import type { Shown } from "../../core/stage";
import { Icon } from "../../ui/Icon";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { Avatar } from "../call/Avatar";
import marks from "../call/PersonMarks.module.css";
import { PinButton } from "../call/PinButton";
import styles from "./PeoplePanel.module.css";
import type { PersonQuestion } from "./PersonDialog";
import { PersonMenu } from "./PersonMenu";

interface Props {
  call: Call;
  me: Me;
  format: LiveMeeting["format"];
  person: LivePerson;
  /** In the queue; null without a raised hand. */
  position: number | null;
  hasFloor: boolean;
  /** What the media plane knows; null for whoever has no media yet. */
  media: Person | null;
  /** Has a place among the pictures. */
  isSeen: boolean;
  onQuestion: (question: PersonQuestion) => void;
}

/** Not told the whole meeting: a row is drawn anew when something about its person has changed, not for the others. */
export const PersonRow = memo(function PersonRow(props: Props) {
  const { call, me, person, position, media, onQuestion } = props;
  const { t } = useTranslation();
  const tile: Shown | null = media && props.isSeen ? { person: media, source: "camera" } : null;
  const isMe = person.id === me.id;
  const isWebinar = props.format === "webinar";
  const about = [
    person.role !== "participant" && !(isWebinar && person.role === "observer")
      ? t(`role.${person.role}`)
      : null,
    person.here ? null : t("people.away"),
    position === null ? null : t("people.hand", { position }),
    person.microphone === "blocked" ? t("people.blocked") : null,
  ].filter((word) => word !== null);
  return (
    <li
      className={styles.person}
      data-testid="participant"
      data-identity={person.id}
      data-name={nameOf(person)}
    >
      <span className={styles.avatar} data-away={!person.here}>
        <Avatar identity={person.id} name={person.name} />
      </span>
      <span className={styles.who}>
        <span className={styles.line}>
          <span className={styles.name}>{nameOf(person)}</span>
          {isMe && <span>({t("call.you")})</span>}
          {person.kind === "guest" && (
            <span className={marks.guest} data-testid="guest-mark" title={t("people.unverified")}>
              {t("call.guest")}
              <VisuallyHidden>, {t("people.unverified")}</VisuallyHidden>
            </span>
          )}
        </span>
        {about.length > 0 && (
          <span className={styles.about} data-testid="about-person">
            {about.join(" · ")}
          </span>
        )}
      </span>
      {media && <Sound isOn={media.microphone} />}
      {tile && <PinButton call={call} shown={tile} label={nameOf(person)} place="row" />}
      <PersonMenu
        call={call}
        me={me}
        person={person}
        hasFloor={props.hasFloor}
        onQuestion={onQuestion}
      />
    </li>
  );
});

function Sound({ isOn }: { isOn: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={marks.sound} data-testid="mic-state" data-state={isOn ? "on" : "off"}>
      <Icon name={isOn ? "microphone" : "microphoneOff"} size={18} />
      <VisuallyHidden>{t(isOn ? "call.unmuted" : "call.muted")}</VisuallyHidden>
    </span>
  );
}
