import { describe, expect, it } from "vitest";
import { chooseGrid, gridCapacity } from "./gridLayout";

describe("chooseGrid", () => {
  it.each([
    [1, 1280, 600, 1],
    [2, 1280, 600, 2],
    [4, 1280, 600, 2],
    [9, 1280, 600, 3],
    [1, 374, 620, 1],
    [2, 374, 620, 1],
    [6, 374, 620, 2],
  ])("puts %i tiles on %ix%i in %i columns", (n, width, height, columns) => {
    expect(chooseGrid(n, width, height).columns).toBe(columns);
  });
  it("never overflows, at any count and size", () => {
    for (let n = 1; n <= 25; n++) {
      for (const [width, height] of [
        [320, 500],
        [374, 620],
        [844, 300],
        [1280, 600],
        [2560, 1300],
      ] as const) {
        const grid = chooseGrid(n, width, height);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(n);
        expect(grid.columns * grid.tileWidth + (grid.columns - 1) * 8).toBeLessThanOrEqual(width);
        expect(grid.rows * grid.tileHeight + (grid.rows - 1) * 8).toBeLessThanOrEqual(height);
        expect(grid.tileWidth).toBeGreaterThan(0);
      }
    }
  });
  it("keeps tiles between a square and 16:9", () => {
    const { tileWidth, tileHeight } = chooseGrid(3, 374, 700);
    expect(tileWidth / tileHeight).toBeGreaterThanOrEqual(1);
    expect(tileWidth / tileHeight).toBeLessThanOrEqual(16 / 9 + 0.05);
  });
  it("survives an area too small for anything", () => {
    expect(chooseGrid(4, 0, 0).tileWidth).toBe(0);
  });
});

describe("gridCapacity", () => {
  it("grows with the screen, within bounds", () => {
    expect(gridCapacity(0, 0)).toBe(1);
    expect(gridCapacity(374, 620)).toBe(12);
    expect(gridCapacity(4000, 2000)).toBe(25);
  });
});
