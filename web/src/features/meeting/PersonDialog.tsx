import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { LivePerson, Role, Wish } from "../../core/meeting/live";
import { nameOf } from "../../core/meeting/people";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/Choice";
import { Dialog } from "../../ui/Dialog";
import choices from "../home/EndDialog.module.css";

export interface PersonQuestion {
  what: "role" | "chair" | "remove" | "ban";
  person: LivePerson;
}

interface Props {
  call: Call;
  question: PersonQuestion;
  onClose: () => void;
}

// The chair is handed over by a question of its own: there is one only.
const roles: Role[] = ["deputy", "presenter", "participant", "observer"];

export function PersonDialog({ call, question: { what, person }, onClose }: Props) {
  const { t } = useTranslation();
  const [role, setRole] = useState<Role>(person.role);
  const name = nameOf(person);
  const wishes: Record<PersonQuestion["what"], Wish> = {
    role: { do: "set_role", person: person.id, role },
    chair: { do: "set_role", person: person.id, role: "chair" },
    remove: { do: "remove", person: person.id },
    ban: { do: "remove", person: person.id, for_good: true },
  };
  const isHarsh = what === "remove" || what === "ban";
  return (
    <Dialog
      title={t(`people.${what}_title`, { name })}
      closeLabel={t("app.cancel")}
      isOpen
      onClose={onClose}
    >
      {what === "role" ? (
        <Choice
          label={t("people.role_label")}
          value={role}
          options={roles.map((id) => ({ id, label: t(`role.${id}`) }))}
          onChange={setRole}
        />
      ) : (
        <p>{t(`people.${what}_text`, { name })}</p>
      )}
      <div className={choices.choices}>
        <Button onPress={onClose}>{t("app.cancel")}</Button>
        <Button
          look={isHarsh ? "danger" : "primary"}
          data-testid="person-confirm"
          onPress={() => {
            call.order(wishes[what]);
            onClose();
          }}
        >
          {t(`people.${what}_action`)}
        </Button>
      </div>
    </Dialog>
  );
}
