import { Link } from "react-aria-components";
import styles from "./Button.module.css";

interface Props {
  href: string;
  children: string;
  "data-testid"?: string;
}

/** Looks like the first button of a page and leads to another one, by the browser's own way. */
export function ButtonLink({ href, children, ...props }: Props) {
  return (
    <Link {...props} href={href} className={`${styles.button} ${styles.primary} ${styles.wide}`}>
      {children}
    </Link>
  );
}
