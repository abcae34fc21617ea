export interface Grid {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

const gap = 8;
const widest = 16 / 9;
const smallestTileWidth = 144;
const smallestTileHeight = 96;
const mostTiles = 25;

/** The number of columns that gives n tiles the largest area inside width x height. */
export function chooseGrid(n: number, width: number, height: number): Grid {
  // On a portrait phone, tiles nearer to a square fill the screen better and still hold a face.
  const narrowest = width > height ? 4 / 3 : 1;
  let best: Grid = { columns: 1, rows: 1, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= Math.max(1, n); columns++) {
    const rows = Math.max(1, Math.ceil(n / columns));
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const tileWidth = Math.floor(Math.min(cellWidth, cellHeight * widest));
    const tileHeight = Math.floor(Math.min(cellHeight, tileWidth / narrowest));
    const fits = tileWidth / tileHeight <= widest + 0.05;
    const height169 = fits ? tileHeight : Math.floor(tileWidth / widest);
    if (tileWidth * height169 > best.tileWidth * best.tileHeight) {
      best = { columns, rows, tileWidth, tileHeight: height169 };
    }
  }
  return best;
}

/** How many tiles stay legible at once; the rest go to further pages. */
export function gridCapacity(width: number, height: number): number {
  const columns = Math.floor((width + gap) / (smallestTileWidth + gap));
  const rows = Math.floor((height + gap) / (smallestTileHeight + gap));
  return Math.min(mostTiles, Math.max(1, columns) * Math.max(1, rows));
}
