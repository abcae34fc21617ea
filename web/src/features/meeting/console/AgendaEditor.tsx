import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import { type AgendaDraft, draftOf, itemsOf, movedDraft } from "../../../core/meeting/agenda";
import type { AgendaItem } from "../../../core/meeting/live";
import type { FailureCode } from "../../../core/problem";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Field } from "../../../ui/Field";
import { Icon } from "../../../ui/Icon";
import styles from "./AgendaEditor.module.css";

interface Props {
  call: Call;
  items: readonly AgendaItem[];
  onClose: () => void;
}

export function AgendaEditor({ call, items, onClose }: Props) {
  const { t } = useTranslation();
  const [drafts, setDrafts] = useState<AgendaDraft[]>(() => draftOf(items));
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const change = (id: number, part: Partial<AgendaDraft>) =>
    setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)));

  async function submit(event: FormEvent) {
    event.preventDefault();
    const code = await call.ask({ do: "set_agenda", items: itemsOf(drafts) });
    if (code === null) onClose();
    else setFailure(code);
  }

  return (
    <Dialog title={t("agenda.title")} closeLabel={t("app.cancel")} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <ol className={styles.list}>
          {drafts.map((draft, index) => (
            <li key={draft.id} className={styles.item}>
              <div className={styles.title}>
                <Field
                  label={t("agenda.item_title", { number: index + 1 })}
                  value={draft.title}
                  maxLength={200}
                  autoFocus={index === drafts.length - 1}
                  onChange={(title) => change(draft.id, { title })}
                  testId="agenda-title"
                />
              </div>
              <div className={styles.length}>
                <Field
                  label={t("agenda.item_minutes")}
                  value={draft.minutes}
                  inputMode="numeric"
                  maxLength={3}
                  onChange={(minutes) => change(draft.id, { minutes: minutes.replace(/\D/g, "") })}
                  testId="agenda-minutes"
                />
              </div>
              <div className={styles.tools}>
                <Button
                  look="quiet"
                  square
                  aria-label={t("agenda.up", { number: index + 1 })}
                  isDisabled={index === 0}
                  onPress={() => setDrafts(movedDraft(drafts, index, index - 1))}
                >
                  <Icon name="up" size={20} />
                </Button>
                <Button
                  look="quiet"
                  square
                  aria-label={t("agenda.remove", { number: index + 1 })}
                  onPress={() => setDrafts(drafts.filter(({ id }) => id !== draft.id))}
                >
                  <Icon name="trash" size={20} />
                </Button>
              </div>
            </li>
          ))}
        </ol>
        {drafts.length < 50 && (
          <Button
            data-testid="agenda-add"
            onPress={() => setDrafts([...drafts, ...draftOf([{ title: "", length: 0 }], drafts)])}
          >
            <Icon name="plus" size={20} />
            {t("agenda.add")}
          </Button>
        )}
        {failure && <p role="alert">{t(`error.${failure}`)}</p>}
        <Button type="submit" look="primary" data-testid="agenda-save">
          {t("agenda.save")}
        </Button>
      </form>
    </Dialog>
  );
}
