import styles from "./Icon.module.css";
import { iconPaths } from "./iconPaths";

export type IconName = keyof typeof iconPaths;

/** Drawn on a 24 px square with one stroke width. Always beside a text or inside a labelled control. */
export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={styles.icon}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={iconPaths[name]} />
    </svg>
  );
}
