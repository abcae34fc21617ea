import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { LivePerson, Me } from "../../core/meeting/live";
import { nameOf } from "../../core/meeting/people";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Menu, type MenuEntry } from "../../ui/Menu";
import type { PersonQuestion } from "./PersonDialog";

interface Props {
  call: Call;
  me: Me;
  person: LivePerson;
  hasFloor: boolean;
  onQuestion: (question: PersonQuestion) => void;
}

/** What a leader can do about one person. What cannot be taken back lightly is asked about first. */
export function PersonMenu(props: Props) {
  const { t } = useTranslation();
  const name = nameOf(props.person);
  const entries = useEntries(props);
  if (entries.length === 0) return null;
  return (
    <Menu
      label={t("people.actions", { name })}
      entries={entries}
      trigger={
        <Button
          look="quiet"
          square
          aria-label={t("people.actions", { name })}
          data-testid="person-menu"
        >
          <Icon name="more" size={20} />
        </Button>
      }
    />
  );
}

function useEntries({ call, me, person, hasFloor, onQuestion }: Props): MenuEntry[] {
  const { t } = useTranslation();
  if (!me.leads || person.id === me.id) return [];
  const target = { person: person.id };
  const entries: MenuEntry[] = [];
  if (!hasFloor) {
    entries.push({
      id: "give_floor",
      label: t("people.give_floor"),
      icon: "hand",
      onAction: () => call.order({ do: "give_floor", ...target }),
    });
  }
  const microphone = { ...target, source: "microphone" } as const;
  if (person.microphone === "free") {
    entries.push({
      id: "stop_microphone",
      label: t("people.stop_microphone"),
      icon: "microphoneOff",
      onAction: () => call.order({ do: "stop", ...microphone }),
    });
  }
  if (person.microphone === "blocked") {
    entries.push({
      id: "allow_microphone",
      label: t("people.allow_microphone"),
      icon: "microphone",
      onAction: () => call.order({ do: "allow", ...microphone }),
    });
  } else {
    entries.push({
      id: "block_microphone",
      label: t("people.block_microphone"),
      icon: "lock",
      onAction: () => call.order({ do: "stop", ...microphone, blocked: true }),
    });
  }
  for (const source of ["camera", "screen"] as const) {
    entries.push({
      id: source,
      label: t(person[source] === "free" ? `people.stop_${source}` : `people.allow_${source}`),
      icon: source === "camera" ? "cameraOff" : "shareStop",
      onAction: () =>
        call.order(
          person[source] === "free"
            ? { do: "stop", ...target, source }
            : { do: "allow", ...target, source },
        ),
    });
  }
  if (me.role === "chair" || me.owner) {
    entries.push(
      {
        id: "role",
        label: t("people.role"),
        icon: "role",
        onAction: () => onQuestion({ what: "role", person }),
      },
      {
        id: "chair",
        label: t("people.make_chair"),
        icon: "console",
        onAction: () => onQuestion({ what: "chair", person }),
      },
    );
  }
  entries.push(
    {
      id: "remove",
      label: t("people.remove"),
      icon: "leave",
      onAction: () => onQuestion({ what: "remove", person }),
    },
    {
      id: "ban",
      label: t("people.ban"),
      icon: "ban",
      onAction: () => onQuestion({ what: "ban", person }),
    },
  );
  return entries;
}
