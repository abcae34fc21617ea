import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Dialog } from "../../ui/Dialog";
import { useServices } from "../services";
import { InvitationList } from "./InvitationList";
import styles from "./Invite.module.css";
import { LinkForm } from "./LinkForm";
import { MailForm } from "./MailForm";

interface Props {
  id: string;
  title: string;
  onClose: () => void;
}

/** People by mail, or one at a time by a link that is handed over; and what became of those before. */
export function InviteDialog({ id, title, onClose }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [invitations, setInvitations] = useState<Invitation[] | null>(null);
  const [canMail, setCanMail] = useState(false);
  const [failure, setFailure] = useState<FailureCode | null>(null);

  const load = useCallback(() => {
    api.invitations(id).then(
      (list) => {
        setInvitations(list.invitations);
        setCanMail(list.can_mail);
      },
      (error: unknown) => setFailure(codeOf(error)),
    );
  }, [api, id]);
  useEffect(load, [load]);

  return (
    <Dialog
      title={t("invite.title", { title })}
      closeLabel={t("app.close")}
      isOpen
      onClose={onClose}
    >
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      {invitations && (
        <div className={styles.parts}>
          {canMail ? (
            <MailForm id={id} onSent={load} />
          ) : (
            <p className={styles.hint}>{t("invite.no_mail")}</p>
          )}
          <LinkForm id={id} onCreated={load} />
          <InvitationList id={id} invitations={invitations} onRevoked={load} />
        </div>
      )}
    </Dialog>
  );
}
