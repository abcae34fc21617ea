/** Does what it is given, now or somewhat later; of what has to wait, only the last. */
export type Pace = (action: () => void) => void;

export const atOnce: Pace = (action) => action();

/**
 * The first at once, those within the pause after it as one at its end. By a timer and not by animation frames: the
 * floating window is looked at while the page itself is hidden.
 */
export function createPace(pauseMs: number): Pace {
  let isResting = false;
  let waiting: (() => void) | null = null;
  const pace: Pace = (action) => {
    if (isResting) {
      waiting = action;
      return;
    }
    isResting = true;
    setTimeout(rested, pauseMs);
    action();
  };
  function rested(): void {
    isResting = false;
    const action = waiting;
    waiting = null;
    if (action) pace(action);
  }
  return pace;
}
