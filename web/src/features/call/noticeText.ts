import type { TFunction } from "i18next";
import type { NoticeBody } from "../../core/session/state";

export function noticeText(t: TFunction, notice: NoticeBody): string {
  switch (notice.kind) {
    case "joined":
    case "left":
    case "sharing":
    case "sharing_ended":
    case "hand_raised":
    case "floor_given":
    case "chair_is":
    case "lobby_waits":
    case "question_asked":
    case "pinned":
    case "unpinned":
      return t(`notice.${notice.kind}`, { name: notice.name });
    case "device_lost":
    case "device_missing":
      return t(`notice.${notice.kind}_${notice.device}`);
    case "capture_failed":
      return `${t(`problem.${notice.problem}_${notice.device}`)}. ${t(`problem.${notice.problem}_text`)}`;
    case "layout":
      return t(`notice.layout_${notice.layout}`);
    case "hand_position":
      return t("notice.hand_position", { position: notice.position });
    case "stopped":
    case "blocked":
    case "allowed":
    case "ask_first":
      return t(`notice.${notice.kind}_${notice.source}`);
    case "role":
      return t(`notice.role_${notice.role}`);
    case "floor_mode":
      return t(`notice.mode_${notice.mode}`);
    case "time_left":
    case "extended":
    case "vote_called":
      return t(`notice.${notice.kind}`, { count: notice.minutes });
    case "time_asked":
      return t("notice.time_asked", { name: notice.name, count: notice.minutes });
    case "vote_carried":
    case "vote_rejected":
      return t(`notice.${notice.kind}`, { yes: notice.yes, no: notice.no });
    case "agenda_item":
      return t("notice.agenda_item", { title: notice.title });
    case "message":
      return t(notice.isPrivate ? "notice.message_private" : "notice.message", {
        name: notice.name,
      });
    case "order_refused":
      return t(`error.${notice.code}`);
    default:
      return t(`notice.${notice.kind}`);
  }
}
