import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./Level.module.css";

const bars = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** The level goes straight to the element: twelve renders a second would be spent on nothing else. */
export function Level({ call }: { call: Call }) {
  const { t } = useTranslation();
  const meter = useRef<HTMLDivElement>(null);
  const status = useStore(call.store, (state) => state.microphone.status);
  useEffect(
    () =>
      call.engine.watchLevel((level) => {
        const lit = Math.round(level * bars.length);
        for (const [index, bar] of [...(meter.current?.children ?? [])].entries()) {
          if (bar instanceof HTMLElement) bar.dataset.lit = String(index < lit);
        }
      }),
    [call],
  );
  if (status !== "on") return null;
  return (
    <div
      className={styles.level}
      role="img"
      aria-label={t("prejoin.level")}
      data-testid="mic-level"
    >
      <Icon name="microphone" size={20} />
      <div className={styles.bars} ref={meter}>
        {bars.map((bar) => (
          <span key={bar} className={styles.bar} />
        ))}
      </div>
    </div>
  );
}
