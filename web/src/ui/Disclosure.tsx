import { type ReactNode, useState } from "react";
import {
  Disclosure as AriaDisclosure,
  Button,
  DisclosurePanel,
  Heading,
} from "react-aria-components";
import styles from "./Disclosure.module.css";
import { Icon } from "./Icon";

interface Props {
  title: string;
  level: 2 | 3;
  testId?: string;
  children: ReactNode;
}

/** Folded until it is asked for, and not made before. Folded again it keeps what was typed into it. */
export function Disclosure({ title, level, testId, children }: Props) {
  const [isAsked, setAsked] = useState(false);
  return (
    <AriaDisclosure className={styles.disclosure} onExpandedChange={() => setAsked(true)}>
      <Heading level={level} className={styles.heading}>
        <Button slot="trigger" className={styles.button} data-testid={testId}>
          <Icon name="chevron" size={20} />
          {title}
        </Button>
      </Heading>
      <DisclosurePanel>{isAsked && children}</DisclosurePanel>
    </AriaDisclosure>
  );
}
