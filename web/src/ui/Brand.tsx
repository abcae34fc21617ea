import styles from "./Brand.module.css";

// Seven seats around a table, left open on one side: a C.
const seats = [
  [22.08, 9.92],
  [16, 7.4],
  [9.92, 9.92],
  [7.4, 16],
  [9.92, 22.08],
  [16, 24.6],
  [22.08, 22.08],
] as const;

export function Brand({ size = 32 }: { size?: number }) {
  return (
    <svg
      className={styles.mark}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <rect width="32" height="32" rx="8" />
      {seats.map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="2.5" />
      ))}
    </svg>
  );
}
