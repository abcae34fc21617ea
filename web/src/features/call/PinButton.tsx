import { ToggleButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { isSamePin, type Shown } from "../../core/stage";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./PinButton.module.css";
import { pinKey } from "./useFocusOnPin";

interface Props {
  call: Call;
  shown: Shown;
  label: string;
  /** On a picture, or in a row of a list. */
  place?: "tile" | "row";
}

/** Puts a tile in the large place and takes it away again. */
export function PinButton({ call, shown, label, place = "tile" }: Props) {
  const { t } = useTranslation();
  const pin = { identity: shown.person.identity, source: shown.source };
  const isPinned = useStore(call.store, (state) => isSamePin(state.pinned, pin));
  return (
    <ToggleButton
      className={styles[place]}
      aria-label={t("comfort.pin", { name: label })}
      isSelected={isPinned}
      data-testid={place === "tile" ? "pin-button" : "pin-row"}
      data-pin={place === "tile" ? pinKey(pin) : undefined}
      onChange={() => call.send({ type: "pin_toggled", pin })}
    >
      <Icon name="pin" size={20} />
    </ToggleButton>
  );
}
