import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { Shown } from "../../core/stage";
import { Video } from "../devices/Video";
import { Avatar } from "./Avatar";
import { PersonMarks } from "./PersonMarks";
import { PinButton } from "./PinButton";
import styles from "./Tile.module.css";

export function Tile({ call, shown }: { call: Call; shown: Shown }) {
  const { t } = useTranslation();
  const { person, source } = shown;
  const trackKey = person[source];
  const isScreen = source === "screen";
  const label = isScreen ? t("call.screen_of", { name: person.name }) : person.name;
  return (
    <figure
      className={styles.tile}
      data-testid="tile"
      data-identity={person.identity}
      data-name={person.name}
      data-source={source}
      data-speaking={person.speaking && !isScreen}
    >
      {trackKey === null ? (
        <Avatar identity={person.identity} name={person.name} />
      ) : (
        <Video
          engine={call.engine}
          identity={person.identity}
          source={source}
          trackKey={trackKey}
          label={label}
          mirrored={person.isLocal && !isScreen}
        />
      )}
      <figcaption className={styles.caption}>
        <span className={styles.name}>{label}</span>
        {!isScreen && <PersonMarks person={person} />}
      </figcaption>
      <PinButton call={call} shown={shown} label={label} />
    </figure>
  );
}
