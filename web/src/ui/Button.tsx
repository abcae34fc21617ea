import { Button as AriaButton, type ButtonProps } from "react-aria-components";
import styles from "./Button.module.css";

type Look = "primary" | "secondary" | "quiet" | "danger";

interface Props extends Omit<ButtonProps, "className" | "style"> {
  look?: Look;
  /** As wide as what holds it. */
  wide?: boolean;
  /** Without text: the label is then given by aria-label. */
  square?: boolean;
  "data-testid"?: string;
}

export function Button({ look = "secondary", wide, square, ...props }: Props) {
  const classes = [styles.button, styles[look], wide && styles.wide, square && styles.square];
  return <AriaButton {...props} className={classes.filter(Boolean).join(" ")} />;
}
