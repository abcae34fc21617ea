import type { DeviceProblem } from "../../core/session/state";
import styles from "./ProblemPicture.module.css";

// Where to look: the address bar's left end for what the browser decides, a cable for what is not there,
// two windows for what another application holds.
const pictures: Record<DeviceProblem, string> = {
  denied: "M20 20h60a12 12 0 0 1 0 24H20a12 12 0 0 1 0-24z M18 29h6 M22 35h-6 M38 32h38",
  insecure:
    "M20 20h60a12 12 0 0 1 0 24H20a12 12 0 0 1 0-24z M21 26v7 M21 38v.5 M34 32h42 M40 40l26-16",
  missing: "M6 32h22 M28 22h14v20H28z M42 27h7 M42 37h7 M64 22h10v20H64z M74 32h16",
  busy: "M6 10h48v34H6z M6 18h48 M34 24h54v32H34z M34 32h54 M61 39v6 M61 50v.5",
  failed: "M48 8L22 54h52z M48 24v14 M48 46v.5",
};

export function ProblemPicture({ problem }: { problem: DeviceProblem }) {
  return (
    <svg className={styles.picture} viewBox="0 0 96 64" aria-hidden="true" focusable="false">
      <path className={styles.ground} d="M0 0h96v64H0z" />
      <path d={pictures[problem]} />
      {problem === "denied" && <circle className={styles.ring} cx="20" cy="32" r="16" />}
    </svg>
  );
}
