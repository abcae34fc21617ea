import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { BackgroundBanner } from "../devices/BackgroundBanner";
import { Banner } from "./Banner";

interface Props {
  call: Call;
  onSettings: () => void;
}

/** About one's own sound and picture, each with the one click that helps. */
export function ComfortBanners({ call, onSettings }: Props) {
  const { t } = useTranslation();
  const audioOnly = useStore(call.store, (state) => state.audioOnly);
  const isSilent = useStore(call.store, (state) => state.silence === "told");
  return (
    <div>
      {audioOnly && (
        <Banner
          look="info"
          icon="headphones"
          text={t("comfort.audio_only")}
          testId="audio-only-banner"
        >
          <Button
            data-testid="pictures-button"
            onPress={() => call.send({ type: "audio_only_toggled" })}
          >
            {t("comfort.pictures")}
          </Button>
        </Banner>
      )}
      {isSilent && (
        <Banner look="warning" icon="warning" text={t("comfort.silent")} testId="silent-banner">
          <Button onPress={onSettings}>{t("comfort.other_microphone")}</Button>
          <Button
            look="quiet"
            square
            aria-label={t("app.close")}
            onPress={() => call.send({ type: "silence_dismissed" })}
          >
            <Icon name="close" />
          </Button>
        </Banner>
      )}
      <BackgroundBanner call={call} />
      <OfferBanner call={call} />
    </div>
  );
}

/** Names a headset once, although it is two devices. */
function OfferBanner({ call }: { call: Call }) {
  const { t } = useTranslation();
  const offered = useStore(call.store, (state) => state.offered);
  const names = new Set(Object.values(offered).map(({ label }) => label));
  if (names.size === 0) return null;
  const answer = (take: boolean) => call.send({ type: "offer_answered", take });
  return (
    <Banner
      look="info"
      icon="headphones"
      text={t("comfort.plugged_in", { name: [...names].join(", ") })}
      testId="offer-banner"
    >
      <Button look="primary" data-testid="take-offer" onPress={() => answer(true)}>
        {t("comfort.use_it")}
      </Button>
      <Button look="quiet" onPress={() => answer(false)}>
        {t("comfort.not_now")}
      </Button>
    </Banner>
  );
}
