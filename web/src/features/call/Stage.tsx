import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { type Shown, stageOf } from "../../core/stage";
import { useStore } from "../../ui/useStore";
import { Alone } from "./Alone";
import { Grid } from "./Grid";
import styles from "./Stage.module.css";
import { Tile } from "./Tile";
import { useFocusOnPin } from "./useFocusOnPin";
import { useSize } from "./useSize";
import { useStage } from "./useStage";

/** One tile large and the others in a strip, or all in a grid: see core/stage.ts. */
export function Stage({ call }: { call: Call }) {
  const seen = useStore(call.store, (state) => state.people.length);
  const told = useStore(call.store, (state) => state.meeting?.people.size ?? 1);
  const { people, view } = useStage(call);
  const area = useRef<HTMLDivElement>(null);
  const size = useSize(area);
  useFocusOnPin(area, view.pinned);
  const { large, others } = stageOf(people, view);
  return (
    <div
      className={styles.stage}
      ref={area}
      data-testid="stage"
      data-large={large?.person.name}
      data-strip={!large ? undefined : size.width > size.height * 1.2 ? "beside" : "below"}
    >
      {large ? (
        <>
          <div className={styles.large}>
            <Tile call={call} shown={large} />
          </div>
          <Strip call={call} tiles={others} />
        </>
      ) : (
        <Grid call={call} tiles={others} width={size.width} height={size.height} />
      )}
      {seen === 1 && told <= 1 && <Alone call={call} />}
    </div>
  );
}

function Strip({ call, tiles }: { call: Call; tiles: Shown[] }) {
  const { t } = useTranslation();
  if (tiles.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a strip that scrolls must scroll by keyboard too.
    <ul className={styles.strip} tabIndex={0} aria-label={t("call.tiles")}>
      {tiles.map((shown) => (
        <li key={`${shown.person.identity}/${shown.source}`} className={styles.small}>
          <Tile call={call} shown={shown} />
        </li>
      ))}
    </ul>
  );
}
