import type { ReactNode } from "react";
import { Icon, type IconName } from "../../ui/Icon";
import styles from "./Banner.module.css";

interface Props {
  look: "info" | "warning" | "danger";
  icon: IconName;
  text: string;
  testId?: string;
  /** Its text changes all the time, and is not read aloud each time. */
  isQuiet?: boolean;
  children?: ReactNode;
}

export function Banner({ look, icon, text, testId, isQuiet, children }: Props) {
  return (
    <div
      className={styles.banner}
      data-look={look}
      role={isQuiet ? undefined : "status"}
      data-testid={testId}
    >
      <Icon name={icon} size={20} />
      <p className={styles.text}>{text}</p>
      {children}
    </div>
  );
}
