import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import styles from "./Invite.module.css";

interface Props {
  id: string;
  invitations: Invitation[];
  onRevoked: () => void;
}

export function InvitationList({ id, invitations, onRevoked }: Props) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const [isRevoked, setRevoked] = useState(false);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const dates = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });

  async function revoke(invitation: string) {
    setFailure(null);
    try {
      await api.revokeInvitation(id, invitation);
      setRevoked(true);
      onRevoked();
    } catch (error) {
      setFailure(codeOf(error));
    }
  }

  function stateOf({ state, email, used_by, expires_at }: Invitation): string {
    if (state === "used")
      return used_by ? t("invite.state_used_by", { name: used_by }) : t("invite.state_used");
    if (state !== "open") return t(`invite.state_${state}`);
    const date = dates.format(new Date(expires_at));
    return email ? t("invite.state_sent", { date }) : t("invite.state_open", { date });
  }

  return (
    <section className={styles.part} aria-labelledby="invite-list">
      <h3 id="invite-list">{t("invite.list")}</h3>
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      <p role="status" className={styles.hint}>
        {isRevoked && t("invite.revoked")}
      </p>
      {invitations.length === 0 && <p className={styles.hint}>{t("invite.empty")}</p>}
      <ul>
        {invitations.map((invitation) => {
          const name = invitation.email || invitation.name || t("invite.someone");
          return (
            <li key={invitation.id} className={styles.row} data-testid="invitation">
              <div className={styles.who}>
                <p className={styles.name}>{name}</p>
                <p className={styles.hint}>
                  {stateOf(invitation)}
                  {invitation.agent && ` · ${t("invite.agent")}`}
                </p>
              </div>
              {(invitation.state === "open" || invitation.state === "used") && (
                <Button
                  look="quiet"
                  aria-label={t("invite.revoke_named", { name })}
                  data-testid="invitation-revoke"
                  onPress={() => void revoke(invitation.id)}
                >
                  {t("invite.revoke")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
