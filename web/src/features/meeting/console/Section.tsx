import type { ReactNode } from "react";
import { Disclosure } from "../../../ui/Disclosure";
import styles from "./Console.module.css";

export function Section({
  id,
  title,
  children,
}: {
  id: string;
  title: string;
  children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      <Disclosure title={title} level={3} testId={`console-${id}`}>
        <div className={styles.body}>{children}</div>
      </Disclosure>
    </section>
  );
}
