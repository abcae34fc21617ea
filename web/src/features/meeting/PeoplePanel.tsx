import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { countOf, onStage, positionIn, sortedPeople } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Scroll } from "../../ui/Scroll";
import { useStore } from "../../ui/useStore";
import { InviteDialog } from "../invite/InviteDialog";
import { MoreOfList } from "./MoreOfList";
import styles from "./PeoplePanel.module.css";
import { PersonDialog, type PersonQuestion } from "./PersonDialog";
import { PersonRow } from "./PersonRow";
import { SidePanel } from "./SidePanel";

/** As many rows as a reader takes in; the others are one press away. */
const rowsAtOnce = 100;

interface Props {
  call: Call;
  meeting: MeetingState;
  onClose: () => void;
}

export function PeoplePanel({ call, meeting, onClose }: Props) {
  const { t } = useTranslation();
  const media = useStore(call.store, (state) => state.people);
  const [shown, setShown] = useState(rowsAtOnce);
  const [question, setQuestion] = useState<PersonQuestion | null>(null);
  const people = sortedPeople(meeting.people.values());
  const heard = new Map(media.map((person) => [person.identity, person]));
  const seen = new Set(onStage(media, meeting));
  const count = countOf(meeting);
  const [isInviting, setInviting] = useState(false);
  const me = meeting.people.get(meeting.me.id);
  const mayInvite = me?.kind === "agent" && me.role !== "observer";
  return (
    <SidePanel id="participants-panel" title={t("call.count", { count })} onClose={onClose}>
      {mayInvite && (
        <div className={styles.invite}>
          <Button data-testid="invite-button" onPress={() => setInviting(true)}>
            <Icon name="plus" size={20} />
            {t("invite.open")}
          </Button>
        </div>
      )}
      <Scroll label={t("panel.people")}>
        <ul>
          {people.slice(0, shown).map((person) => {
            const known = heard.get(person.id);
            return (
              <PersonRow
                key={person.id}
                call={call}
                me={meeting.me}
                format={meeting.meeting.format}
                person={person}
                position={positionIn(meeting, person.id)}
                hasFloor={meeting.floor.holder === person.id}
                media={known ?? null}
                isSeen={known !== undefined && seen.has(known)}
                onQuestion={setQuestion}
              />
            );
          })}
        </ul>
        {count > people.length && (
          <p className={styles.note}>{t("people.unseen", { count: count - people.length })}</p>
        )}
        <MoreOfList hidden={people.length - shown} onMore={() => setShown(shown + rowsAtOnce)} />
      </Scroll>
      {isInviting && (
        <InviteDialog
          id={meeting.meeting.id}
          title={meeting.meeting.title}
          onClose={() => setInviting(false)}
        />
      )}
      {question && (
        <PersonDialog call={call} question={question} onClose={() => setQuestion(null)} />
      )}
    </SidePanel>
  );
}
