import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { PreJoin } from "../prejoin/PreJoin";
import { useServices } from "../services";
import { BreakPage } from "../waiting/BreakPage";
import { WaitingPage } from "../waiting/WaitingPage";
import { CallView } from "./CallView";
import { EndedPage } from "./EndedPage";

export function CallPhases({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  useUsedInvitation(call);
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
    case "waiting":
      return <WaitingPage call={call} title={title} />;
    case "resting":
      return <BreakPage call={call} />;
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

/** The secret of a personal link opens the door once: it leaves the address before somebody passes that on. */
function useUsedInvitation(call: Call): void {
  const { navigation } = useServices();
  const isUsed = useStore(call.store, (state) => state.rejoin !== null);
  const id = useStore(call.store, (state) => state.meetingId);
  useEffect(() => {
    if (isUsed && location.hash !== "") navigation.replace(`/m/${id}`);
  }, [isUsed, id, navigation]);
}
