import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { presenterOf } from "../../core/arrange";
import type { Call } from "../../core/call";
import { onStage } from "../../core/meeting/people";
import { useStore } from "../../ui/useStore";
import { Alone } from "./Alone";
import { Grid } from "./Grid";
import styles from "./Stage.module.css";
import { Tile } from "./Tile";
import { useSize } from "./useSize";

/** Everyone in a grid; or, when someone shows a screen, that screen large and the people in a strip. */
export function Stage({ call }: { call: Call }) {
  const { t } = useTranslation();
  const everybody = useStore(call.store, (state) => state.people);
  const meeting = useStore(call.store, (state) => state.meeting);
  const people = onStage(everybody, meeting);
  const area = useRef<HTMLDivElement>(null);
  const size = useSize(area);
  const presenter = presenterOf(people);
  return (
    <div
      className={styles.stage}
      ref={area}
      data-strip={!presenter ? undefined : size.width > size.height * 1.2 ? "beside" : "below"}
    >
      {presenter ? (
        <>
          <div className={styles.large}>
            <Tile call={call} person={presenter} source="screen" />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a strip that scrolls must scroll by keyboard too. */}
          <ul className={styles.strip} tabIndex={0} aria-label={t("call.tiles")}>
            {people.map((person) => (
              <li key={person.identity} className={styles.small}>
                <Tile call={call} person={person} source="camera" />
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Grid call={call} people={people} width={size.width} height={size.height} />
      )}
      {everybody.length === 1 && (meeting?.people.size ?? 1) <= 1 && <Alone call={call} />}
    </div>
  );
}
