import { useState } from "react";
import { arrange } from "../../core/arrange";
import type { Call } from "../../core/call";
import { chooseGrid, gridCapacity } from "../../core/gridLayout";
import type { Shown } from "../../core/stage";
import styles from "./Grid.module.css";
import { Pager } from "./Pager";
import { Tile } from "./Tile";

/** The pager takes its own row, so that it covers nobody. */
const pagerHeight = 56;

interface Props {
  call: Call;
  tiles: Shown[];
  width: number;
  height: number;
}

export function Grid({ call, tiles, width, height }: Props) {
  const [asked, setAsked] = useState(0);
  // The first measure comes after the first render.
  if (width === 0 || height === 0) return null;
  const isPaged = tiles.length > gridCapacity(width, height);
  const room = isPaged ? height - pagerHeight : height;
  const pages = arrange(tiles, gridCapacity(width, room));
  const page = Math.min(asked, pages.length - 1);
  const shown = pages[page] ?? [];
  const { columns, tileWidth, tileHeight } = chooseGrid(shown.length, width, room);
  return (
    <>
      <ul className={styles.grid} style={{ maxWidth: columns * (tileWidth + 8), height: room }}>
        {shown.map((tile) => (
          <li
            key={`${tile.person.identity}/${tile.source}`}
            style={{ width: tileWidth, height: tileHeight }}
          >
            <Tile call={call} shown={tile} />
          </li>
        ))}
      </ul>
      {pages.length > 1 && <Pager page={page} pages={pages.length} onPage={setAsked} />}
    </>
  );
}
