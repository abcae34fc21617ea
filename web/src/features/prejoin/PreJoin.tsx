import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { BackgroundBanner } from "../devices/BackgroundBanner";
import { DevicePickers } from "../devices/DevicePickers";
import { EffectChoices } from "../devices/EffectChoices";
import { Frame } from "../frame/Frame";
import { NetworkLink } from "../network/NetworkLink";
import { useServices } from "../services";
import { DeviceProblems } from "./DeviceProblems";
import { NameForm } from "./NameForm";
import styles from "./PreJoin.module.css";
import { Preview } from "./Preview";

export function PreJoin({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const { account } = useServices();
  const who = useStore(account.store, (state) => state);
  const name = title || t("prejoin.meeting");
  if (who.status === "loading") {
    return (
      <Frame title={name}>
        <Spinner label={t("app.loading")} />
      </Frame>
    );
  }
  return (
    <Frame title={name}>
      <div className={styles.columns}>
        <div className={styles.look}>
          <Preview call={call} />
          <BackgroundBanner call={call} />
          <DeviceProblems call={call} />
        </div>
        <div className={styles.side}>
          <div>
            <p className={styles.kicker}>{t("prejoin.meeting")}</p>
            <h1 className={styles.title}>{name}</h1>
          </div>
          <NameForm call={call} account={who.status === "known" ? who.account : null} />
          <section className={styles.devices} aria-label={t("prejoin.devices")}>
            <DevicePickers call={call} />
            <EffectChoices call={call} />
            <NetworkLink />
          </section>
        </div>
      </div>
    </Frame>
  );
}
