import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { MeetingState } from "../../../core/meeting/state";
import { SidePanel } from "../SidePanel";
import { AgendaSection } from "./AgendaSection";
import { AirtimeSection } from "./AirtimeSection";
import styles from "./Console.module.css";
import { FloorRules } from "./FloorRules";
import { LobbySection } from "./LobbySection";
import { MicrophonesSection } from "./MicrophonesSection";
import { QueueSection } from "./QueueSection";
import { RoomSection } from "./RoomSection";
import { Section } from "./Section";
import { TimeSection } from "./TimeSection";

interface Props {
  call: Call;
  meeting: MeetingState;
  onClose: () => void;
}

/** What asks for an answer now stands open and on top; what is set once in a meeting is folded away. */
export function ConsolePanel({ call, meeting, onClose }: Props) {
  const { t } = useTranslation();
  const props = { call, meeting };
  return (
    <SidePanel id="console-panel" title={t("panel.console")} onClose={onClose}>
      <div className={styles.sections} data-testid="console-sections">
        <LobbySection {...props} />
        <QueueSection {...props} />
        <Section id="microphones" title={t("console.microphones")}>
          <MicrophonesSection {...props} />
        </Section>
        <Section id="rules" title={t("console.rules")}>
          <FloorRules {...props} />
        </Section>
        <Section id="time" title={t("console.time")}>
          <TimeSection {...props} />
        </Section>
        <Section id="agenda" title={t("console.agenda")}>
          <AgendaSection {...props} />
        </Section>
        <Section id="airtime" title={t("console.airtime")}>
          <AirtimeSection {...props} />
        </Section>
        <Section id="room" title={t("console.room")}>
          <RoomSection {...props} />
        </Section>
      </div>
    </SidePanel>
  );
}
