import styles from "./Spinner.module.css";

export function Spinner({ label }: { label: string }) {
  return (
    <p className={styles.waiting} role="status">
      <span className={styles.ring} aria-hidden="true" />
      {label}
    </p>
  );
}
