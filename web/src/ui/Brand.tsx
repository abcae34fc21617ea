import styles from "./Brand.module.css";

// Six seats around a table, left open on one side: a C.
const seats = [
  [20.84, 8.58],
  [14.14, 8.07],
  [9.2, 12.64],
  [9.2, 19.36],
  [14.14, 23.93],
  [20.84, 23.42],
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
        <circle key={`${x} ${y}`} cx={x} cy={y} r="2.9" />
      ))}
    </svg>
  );
}
