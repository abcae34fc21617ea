import { useTranslation } from "react-i18next";
import type { ListedMeeting } from "../../core/api/client";
import { meetingLink } from "../../core/meetingLink";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Menu, type MenuEntry } from "../../ui/Menu";
import { useServices } from "../services";
import { CopyButton } from "./CopyButton";
import styles from "./MeetingList.module.css";

export type RowAct = "invite" | "plan" | "end";

interface Props {
  meeting: ListedMeeting;
  hasDate: boolean;
  onAct: (act: RowAct, meeting: ListedMeeting) => void;
}

export function MeetingRow({ meeting, hasDate, onAct }: Props) {
  const { t, i18n } = useTranslation();
  const { navigation } = useServices();
  const { id, title, created_at, plan, own, people } = meeting;
  const entries = useEntries(meeting, onAct);
  const dates = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  const times = new Intl.DateTimeFormat(i18n.language, { timeStyle: "short" });
  const begins = plan ? new Date(plan.begins_at) : new Date(created_at);
  const ends = plan && times.format(plan.begins_at + plan.length);
  return (
    <li className={styles.meeting} data-testid="meeting">
      <div className={styles.what}>
        <p className={styles.title}>{title}</p>
        <p className={styles.date}>
          <time dateTime={begins.toISOString()}>{(hasDate ? dates : times).format(begins)}</time>
          {ends && `\u2009–\u2009${ends}`}
          {!own && ` · ${t("plan.invited")}`}
        </p>
        {people !== undefined && (
          <p className={styles.live} data-testid="meeting-live">
            {t("plan.live", { count: people })}
          </p>
        )}
      </div>
      {entries.length > 0 && (
        <Menu
          label={t("plan.menu", { title })}
          entries={entries}
          trigger={
            <Button
              look="quiet"
              square
              aria-label={t("plan.menu", { title })}
              data-testid="meeting-menu"
            >
              <Icon name="more" size={20} />
            </Button>
          }
        />
      )}
      <CopyButton
        compact
        text={meetingLink(location.origin, id)}
        label={t("home.copy_named", { title })}
      />
      <Button
        aria-label={t("home.enter_named", { title })}
        onPress={() => navigation.go(`/m/${id}`)}
      >
        {t("home.enter")}
      </Button>
    </li>
  );
}

/** Whoever is only invited may add it to a calendar; the rest is the owner's. */
function useEntries(
  meeting: ListedMeeting,
  onAct: (act: RowAct, meeting: ListedMeeting) => void,
): MenuEntry[] {
  const { t } = useTranslation();
  const { id, plan, own } = meeting;
  const isToCome = plan !== undefined && plan.begins_at + plan.length > Date.now();
  const entries: MenuEntry[] = [];
  const add = (act: RowAct, label: string, icon: MenuEntry["icon"]) =>
    entries.push({ id: act, label, icon, onAction: () => onAct(act, meeting) });
  if (own) add("invite", t("invite.open"), "send");
  if (plan) {
    const file = `/api/v1/meetings/${encodeURIComponent(id)}/calendar.ics`;
    entries.push({
      id: "download",
      label: t("plan.download"),
      icon: "calendar",
      onAction: () => location.assign(file),
    });
  }
  if (own) {
    add("plan", plan ? t("plan.change") : t("plan.set"), "clock");
    add("end", isToCome ? t("plan.cancel") : t("plan.end"), "trash");
  }
  return entries;
}
