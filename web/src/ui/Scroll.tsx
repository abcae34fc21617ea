import type { ReactNode, RefObject } from "react";
import styles from "./Scroll.module.css";

interface Props {
  label: string;
  boxRef?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** What scrolls must scroll by keyboard too, even when nothing in it can be focused. */
export function Scroll({ label, boxRef, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section className={styles.scroll} ref={boxRef} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
