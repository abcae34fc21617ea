import type { TFunction } from "i18next";
import type { NoticeBody } from "../../core/session/state";

export function noticeText(t: TFunction, notice: NoticeBody): string {
  switch (notice.kind) {
    case "joined":
    case "left":
    case "sharing":
    case "sharing_ended":
      return t(`notice.${notice.kind}`, { name: notice.name });
    case "device_lost":
    case "device_missing":
      return t(`notice.${notice.kind}_${notice.device}`);
    case "capture_failed":
      return `${t(`problem.${notice.problem}_${notice.device}`)}. ${t(`problem.${notice.problem}_text`)}`;
    default:
      return t(`notice.${notice.kind}`);
  }
}
