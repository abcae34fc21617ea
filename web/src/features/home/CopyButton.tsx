import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { VisuallyHidden } from "../../ui/VisuallyHidden";

const shownForMs = 2500;

interface Props {
  text: string;
  label: string;
  /** The icon alone, where the row already says which meeting it is. */
  compact?: boolean;
}

export function CopyButton({ text, label, compact }: Props) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), shownForMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <>
      <Button
        look={compact ? "quiet" : "secondary"}
        square={compact}
        aria-label={compact ? label : undefined}
        data-testid="copy-button"
        onPress={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
      >
        <Icon name={isCopied ? "check" : "copy"} size={20} />
        {!compact && (isCopied ? t("home.copied") : label)}
      </Button>
      <VisuallyHidden>
        <span role="status">{isCopied && t("home.copied")}</span>
      </VisuallyHidden>
    </>
  );
}
