import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { Banner } from "../call/Banner";

/** Nobody is shown without having said so: where a background cannot be hidden, that is asked. */
export function BackgroundBanner({ call }: { call: Call }) {
  const { t } = useTranslation();
  const background = useStore(call.store, (state) => state.background);
  const hasFailed = useStore(call.store, (state) => state.backgroundStatus === "failed");
  const isOn = useStore(call.store, (state) => state.camera.status === "on");
  if (!hasFailed || !isOn || background === "none") return null;
  return (
    <Banner
      look="warning"
      icon="cameraOff"
      text={t("comfort.background_failed")}
      testId="background-banner"
    >
      <Button
        look="primary"
        data-testid="background-retry"
        onPress={() => call.send({ type: "background_chosen", background })}
      >
        {t("comfort.background_retry")}
      </Button>
      <Button
        data-testid="background-show"
        onPress={() => call.send({ type: "background_chosen", background: "none" })}
      >
        {t("comfort.background_show")}
      </Button>
    </Banner>
  );
}
