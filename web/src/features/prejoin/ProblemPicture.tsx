import type { DeviceProblem } from "../../core/session/state";
import styles from "./ProblemPicture.module.css";

// Where to look: the address bar's left end for what the browser decides, a cable for what is not there,
// two windows for what another application holds.
const pictures: Record<DeviceProblem, string> = {
  denied: "M8 20h80a8 8 0 0 1 0 24H8a8 8 0 0 1 0-24z M14 27v10 M20 27v10 M32 32h48",
  insecure: "M8 20h80a8 8 0 0 1 0 24H8a8 8 0 0 1 0-24z M16 26v7 M16 37v.5 M28 32h20 M26 38l30-12",
  missing: "M4 32h26 M30 22h12v20H30z M42 27h8 M42 37h8 M66 22h12v20H66z M78 32h14 M58 26v12",
  busy: "M6 10h48v34H6z M6 18h48 M34 24h54v32H34z M34 32h54 M61 39v6 M61 50v.5",
  failed: "M48 8L22 54h52z M48 24v14 M48 46v.5",
};

export function ProblemPicture({ problem }: { problem: DeviceProblem }) {
  return (
    <svg className={styles.picture} viewBox="0 0 96 64" aria-hidden="true" focusable="false">
      <path className={styles.ground} d="M0 0h96v64H0z" />
      <path d={pictures[problem]} />
      {problem === "denied" && <circle className={styles.ring} cx="17" cy="32" r="13" />}
    </svg>
  );
}
