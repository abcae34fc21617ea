import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { BackgroundBanner } from "../devices/BackgroundBanner";
import { DevicePickers } from "../devices/DevicePickers";
import { EffectChoices } from "../devices/EffectChoices";
import { Frame } from "../frame/Frame";
import { NetworkLink } from "../network/NetworkLink";
import { DeviceProblems } from "../prejoin/DeviceProblems";
import layout from "../prejoin/PreJoin.module.css";
import { Preview } from "../prejoin/Preview";
import styles from "./WaitingPage.module.css";

/** At the door: one still sees oneself, and is told why one waits and nothing else. */
export function WaitingPage({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const reason = useStore(call.store, (state) => state.waiting) ?? "admission";
  const isTold = useStore(call.store, (state) => state.isTold);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone.
  useEffect(() => heading.current?.focus(), []);
  return (
    <Frame title={t(`waiting.${reason}`)}>
      <div className={layout.columns}>
        <div className={layout.look}>
          <Preview call={call} />
          <BackgroundBanner call={call} />
          <DeviceProblems call={call} />
        </div>
        <div className={layout.side}>
          <div>
            <p className={layout.kicker}>{title || t("prejoin.meeting")}</p>
            <div role="status" data-testid="waiting" data-reason={reason}>
              <h1 className={layout.title} ref={heading} tabIndex={-1}>
                {t(`waiting.${reason}`)}
              </h1>
              <p className={styles.text}>{t(`waiting.${reason}_text`)}</p>
              {!isTold && <p className={styles.text}>{t("waiting.untold")}</p>}
            </div>
          </div>
          <p className={styles.breath} aria-hidden="true">
            <span />
            <span />
            <span />
          </p>
          <Button
            wide
            data-testid="stop-waiting"
            onPress={() => call.send({ type: "leave_asked" })}
          >
            {t("waiting.leave")}
          </Button>
          <section className={layout.devices} aria-label={t("prejoin.devices")}>
            <DevicePickers call={call} />
            <EffectChoices call={call} />
            <NetworkLink />
          </section>
        </div>
      </div>
    </Frame>
  );
}
