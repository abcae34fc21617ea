import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { MessagePage } from "../frame/MessagePage";
import { useServices } from "../services";

export function EndedPage({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { navigation } = useServices();
  const reason = useStore(call.store, (state) => state.ended) ?? "left";
  return (
    <MessagePage icon="leave" title={t(`ended.${reason}`)} text={t(`ended.${reason}_text`)}>
      {reason !== "meeting_over" && (
        <Button
          look="primary"
          data-testid="rejoin-button"
          onPress={() => call.send({ type: "rejoin_asked" })}
        >
          {t("ended.rejoin")}
        </Button>
      )}
      <Button data-testid="home-button" onPress={() => navigation.go("/")}>
        {t("ended.home")}
      </Button>
    </MessagePage>
  );
}
