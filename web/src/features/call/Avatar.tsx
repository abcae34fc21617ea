import { initialsOf, tintOf } from "../../core/initials";
import styles from "./Avatar.module.css";

const tints = [styles.blue, styles.teal, styles.plum, styles.slate, styles.green, styles.brick];

export function Avatar({ identity, name }: { identity: string; name: string }) {
  return (
    <span
      className={`${styles.avatar} ${tints[tintOf(identity, tints.length)]}`}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  );
}
