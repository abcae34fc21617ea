import styles from "./BreakPage.module.css";

/** Somebody who got up from the desk and stretches beside an open window. */
export function StretchPicture() {
  return (
    <svg className={styles.picture} viewBox="0 0 200 130" aria-hidden="true" focusable="false">
      <rect className={styles.ground} width="200" height="130" rx="16" />
      <path d="M20 112h160" />
      <path d="M128 24h44v52h-44z M150 24v52 M128 50h44" strokeWidth="3" />
      <path d="M138 112V92h44 M172 112V92" strokeWidth="3" />
      <g className={styles.arms}>
        <circle cx="80" cy="36" r="11" />
        <path d="M80 58L58 40 66 14 M80 58l22-18-8-26 M80 54v30" />
      </g>
      <path d="M80 84l-14 28 M80 84l14 28" />
    </svg>
  );
}
