import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { EndReason } from "../../core/session/state";
import { Button } from "../../ui/Button";
import type { IconName } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { MessagePage } from "../frame/MessagePage";
import { NetworkLink } from "../network/NetworkLink";
import { useServices } from "../services";

interface Ending {
  icon: IconName;
  /** What the button back says; none where there is nothing to come back to. */
  back: "rejoin" | "here" | "knock" | null;
}

const endings: Record<EndReason, Ending> = {
  left: { icon: "leave", back: "rejoin" },
  duplicate: { icon: "leave", back: "here" },
  removed: { icon: "leave", back: "knock" },
  refused: { icon: "leave", back: "knock" },
  banned: { icon: "ban", back: null },
  meeting_over: { icon: "leave", back: null },
  closed: { icon: "leave", back: null },
  time: { icon: "clock", back: null },
  abandoned: { icon: "leave", back: "rejoin" },
  signed_out: { icon: "signOut", back: null },
  server_stopped: { icon: "weak", back: "rejoin" },
  connection_lost: { icon: "weak", back: "rejoin" },
};

const cameFromTheLine: ReadonlySet<EndReason> = new Set(["connection_lost", "server_stopped"]);

export function EndedPage({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { navigation } = useServices();
  const reason = useStore(call.store, (state) => state.ended) ?? "left";
  const { icon, back } = endings[reason];
  return (
    <MessagePage icon={icon} title={t(`ended.${reason}`)} text={t(`ended.${reason}_text`)}>
      {back && (
        <Button
          look="primary"
          data-testid="rejoin-button"
          onPress={() => call.send({ type: "rejoin_asked" })}
        >
          {t(`ended.${back}`)}
        </Button>
      )}
      {cameFromTheLine.has(reason) && <NetworkLink />}
      <Button
        look={back ? "secondary" : "primary"}
        data-testid="home-button"
        onPress={() => navigation.go("/")}
      >
        {t("ended.home")}
      </Button>
    </MessagePage>
  );
}
