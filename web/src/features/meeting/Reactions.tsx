import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import styles from "./Reactions.module.css";
import { reactionIcons, reactions } from "./reactionIcons";

/** Seen with the name of who reacts; said aloud once for each kind, not once for each person. */
export function Reactions({ call }: { call: Call }) {
  const { t } = useTranslation();
  const shown = useStore(call.store, (state) => state.reactions);
  const kinds = reactions.filter((kind) => shown.some(({ reaction }) => reaction === kind));
  return (
    <div className={styles.reactions} data-testid="reactions">
      <VisuallyHidden>
        <span role="status">{kinds.map((kind) => t(`reaction.${kind}`)).join(", ")}</span>
      </VisuallyHidden>
      <ul aria-hidden="true" className={styles.list}>
        {shown.map(({ id, name, reaction }) => (
          <li key={id} className={styles.reaction} data-reaction={reaction}>
            <Icon name={reactionIcons[reaction]} size={22} />
            <span className={styles.name}>{name}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
