import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { NetworkTestState } from "../../core/network/run";
import { Button } from "../../ui/Button";
import { CopyButton } from "../home/CopyButton";
import styles from "./Network.module.css";
import { reportText } from "./words";

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Firefox reads it after the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function ReportCard({ state }: { state: NetworkTestState }) {
  const { t } = useTranslation();
  const text = useMemo(
    () => reportText(t, state, { host: location.host, browser: navigator.userAgent }),
    [t, state],
  );
  return (
    <section className={styles.card}>
      <h2>{t("network.report")}</h2>
      <p className={styles.lead}>{t("network.report_lead")}</p>
      <pre className={styles.report} data-testid="network-report">
        {text}
      </pre>
      <div className={styles.actions}>
        <CopyButton text={text} label={t("network.report_copy")} />
        <Button
          data-testid="network-download"
          onPress={() => download(t("network.report_file"), text)}
        >
          {t("network.report_download")}
        </Button>
      </div>
    </section>
  );
}
