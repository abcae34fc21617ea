import { useState } from "react";
import { arrange } from "../../core/arrange";
import type { Call } from "../../core/call";
import { chooseGrid, gridCapacity } from "../../core/gridLayout";
import type { Person } from "../../core/session/state";
import styles from "./Grid.module.css";
import { Pager } from "./Pager";
import { Tile } from "./Tile";

/** The pager takes its own row, so that it covers nobody. */
const pagerHeight = 56;

interface Props {
  call: Call;
  people: Person[];
  width: number;
  height: number;
}

export function Grid({ call, people, width, height }: Props) {
  const [asked, setAsked] = useState(0);
  // The first measure comes after the first render.
  if (width === 0 || height === 0) return null;
  const isPaged = people.length > gridCapacity(width, height);
  const room = isPaged ? height - pagerHeight : height;
  const pages = arrange(people, gridCapacity(width, room));
  const page = Math.min(asked, pages.length - 1);
  const shown = pages[page] ?? [];
  const { columns, tileWidth, tileHeight } = chooseGrid(shown.length, width, room);
  return (
    <>
      <ul className={styles.grid} style={{ maxWidth: columns * (tileWidth + 8), height: room }}>
        {shown.map((person) => (
          <li key={person.identity} style={{ width: tileWidth, height: tileHeight }}>
            <Tile call={call} person={person} source="camera" />
          </li>
        ))}
      </ul>
      {pages.length > 1 && <Pager page={page} pages={pages.length} onPage={setAsked} />}
    </>
  );
}
