import { type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";

interface Props {
  frame: Window;
  title: string;
  children: ReactNode;
}

/** Content in a window of its own, which begins empty: it gets this page's looks, and lives as long as this page. */
export function FloatingWindow({ frame, title, children }: Props) {
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    const { documentElement, head } = frame.document;
    documentElement.lang = document.documentElement.lang;
    documentElement.dataset.theme = document.documentElement.dataset.theme;
    frame.document.title = title;
    for (const sheet of document.querySelectorAll(
      "link[rel=stylesheet], style, #react-aria-pressable-style",
    )) {
      head.append(frame.document.importNode(sheet, true));
    }
    setReady(true);
  }, [frame, title]);
  return isReady ? createPortal(children, frame.document.body) : null;
}
