import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { Connection } from "../../core/session/state";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { Banner } from "./Banner";

function wordsOf(
  connection: Exclude<Connection, "steady">,
  isReturning: boolean,
  audioOnly: boolean,
) {
  if (isReturning) return "connection.returning";
  return connection === "poor" && audioOnly
    ? "comfort.poor_still"
    : (`connection.${connection}` as const);
}

/** What stays true for a while and may need an answer; what merely happened is a notice. */
export function Banners({ call }: { call: Call }) {
  const { t } = useTranslation();
  const connection = useStore(call.store, (state) => state.connection);
  const isReturning = useStore(call.store, (state) => state.phase === "returning");
  const audioBlocked = useStore(call.store, (state) => state.audioBlocked);
  const audioOnly = useStore(call.store, (state) => state.audioOnly);
  const sharing = useStore(call.store, (state) => state.sharing);
  return (
    <div>
      {connection !== "steady" && (
        <Banner
          look={connection === "poor" ? "warning" : "danger"}
          icon="weak"
          text={t(wordsOf(connection, isReturning, audioOnly))}
          testId="connection-banner"
        >
          {connection === "poor" && !audioOnly && (
            <Button
              data-testid="audio-only-button"
              onPress={() => call.send({ type: "audio_only_toggled" })}
            >
              {t("comfort.without_pictures")}
            </Button>
          )}
        </Banner>
      )}
      {audioBlocked && (
        <Banner look="warning" icon="speaker" text={t("call.sound_blocked")}>
          <Button
            look="primary"
            data-testid="start-sound-button"
            onPress={() => call.send({ type: "audio_asked" })}
          >
            {t("call.start_sound")}
          </Button>
        </Banner>
      )}
      {sharing && (
        <Banner look="info" icon="share" text={t("call.your_screen")} testId="sharing-banner">
          <Button onPress={() => call.send({ type: "share_toggled" })}>{t("call.share_on")}</Button>
        </Banner>
      )}
    </div>
  );
}
