import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import styles from "./SidePanel.module.css";

interface Props {
  id: string;
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Beside the pictures; over them on a narrow screen. Escape closes it, as it does a dialog. */
export function SidePanel({ id, title, onClose, children }: Props) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  // Opened by a button or a key elsewhere: the keyboard goes on in what was asked for.
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside
      className={styles.panel}
      aria-labelledby={`${id}-title`}
      id={id}
      data-testid={id}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={styles.header}>
        <h2 id={`${id}-title`} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button
          look="quiet"
          square
          aria-label={t("app.close")}
          data-testid="close-panel"
          onPress={onClose}
        >
          <Icon name="close" />
        </Button>
      </header>
      {children}
    </aside>
  );
}
