import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { PreJoin } from "../prejoin/PreJoin";
import { CallView } from "./CallView";
import { EndedPage } from "./EndedPage";

export function CallPhases({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const phase = useStore(call.store, (state) => state.phase);
  const isBackAgain = useStore(call.store, (state) => state.isInside);
  const neverIn = useStore(call.store, (state) => state.people.length === 0);
  switch (phase) {
    case "live":
      return <CallView call={call} title={title} />;
    case "ended":
      return <EndedPage call={call} />;
    case "lobby":
      return <PreJoin call={call} title={title} />;
    case "joining":
      if (!isBackAgain) return <PreJoin call={call} title={title} />;
      break;
    case "returning":
      if (!neverIn) return <CallView call={call} title={title} />;
  }
  return (
    <Frame title={title || t("prejoin.meeting")}>
      <Spinner label={t("prejoin.returning")} />
    </Frame>
  );
}
