import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Call, createCall } from "../../core/call";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { Frame } from "../frame/Frame";
import { MessagePage } from "../frame/MessagePage";
import { NetworkLink } from "../network/NetworkLink";
import { useServices } from "../services";
import { CallPhases } from "./CallPhases";

/** Stays in the address until it is used: a reload before that must not lose the way in. */
function invitationIn(hash: string): string | null {
  const secret = hash.slice(1);
  return secret === "" || secret === "content" ? null : secret;
}

export function MeetingPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { api, memory, createEngine, openLive, navigation } = useServices();
  const [title, setTitle] = useState<string | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [call, setCall] = useState<Call | null>(null);
  // After a reload the call comes first: it must not wait for the title.
  const [wasInside] = useState(() => memory.call(id) !== null);
  const isReady = wasInside || title !== null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: attempt asks again.
  useEffect(() => {
    setFailure(null);
    api.meeting(id).then(
      (meeting) => setTitle(meeting.title),
      (error: unknown) => setFailure(codeOf(error)),
    );
  }, [api, id, attempt]);

  useEffect(() => {
    if (!isReady) return;
    let opened: Call | null = null;
    let isGone = false;
    createEngine().then(
      (engine) => {
        if (isGone) return engine.dispose();
        opened = createCall(id, { api, memory, engine, openLive });
        setCall(opened);
        opened.send({
          type: "opened",
          preferences: memory.preferences(),
          memory: memory.call(id),
          invitation: invitationIn(location.hash),
        });
      },
      () => setFailure("offline"),
    );
    return () => {
      isGone = true;
      opened?.dispose();
    };
  }, [id, isReady, api, memory, createEngine, openLive]);

  if (call) return <CallPhases call={call} title={title ?? ""} />;
  if (failure === "meeting_not_found") {
    return (
      <MessagePage icon="warning" title={t("not_found.meeting")} text={t("not_found.meeting_text")}>
        <Button look="primary" onPress={() => navigation.go("/")}>
          {t("ended.home")}
        </Button>
      </MessagePage>
    );
  }
  if (failure) {
    return (
      <MessagePage icon="weak" title={t("ended.connection_lost")} text={t(`error.${failure}`)}>
        <Button look="primary" onPress={() => setAttempt(attempt + 1)}>
          {t("app.retry")}
        </Button>
        <NetworkLink />
      </MessagePage>
    );
  }
  return (
    <Frame title={t("prejoin.meeting")}>
      <Spinner label={t("app.loading")} />
    </Frame>
  );
}
