import type { ReactNode } from "react";
import { Icon, type IconName } from "../../ui/Icon";
import { Frame } from "./Frame";
import styles from "./MessagePage.module.css";

interface Props {
  icon: IconName;
  title: string;
  text: string;
  children?: ReactNode;
}

/** A page that says one thing and offers what can be done about it. */
export function MessagePage({ icon, title, text, children }: Props) {
  return (
    <Frame title={title}>
      <section className={styles.card}>
        <span className={styles.picture}>
          <Icon name={icon} size={40} />
        </span>
        <h1>{title}</h1>
        <p className={styles.text}>{text}</p>
        {children && <div className={styles.actions}>{children}</div>}
      </section>
    </Frame>
  );
}
