import { useEffect } from "react";
import type { Call } from "../../core/call";
import { mayPushToTalk } from "../../core/session/comfort";
import { takesSpace } from "../../core/shortcuts";
import { elementLike } from "./elementLike";

/** The microphone is open while the space bar is held, unless what has the focus needs that key itself. */
export function useTalkKey(call: Call): void {
  useEffect(() => {
    let isFocusByKeyboard = false;
    const isTalking = () => call.store.get().isTalking;
    const onFocus = ({ target }: FocusEvent) => {
      isFocusByKeyboard = target instanceof Element && target.matches(":focus-visible");
    };
    function onKeyDown(event: KeyboardEvent) {
      if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey) return;
      const isFree = !takesSpace(elementLike(event.target), isFocusByKeyboard);
      if (!isTalking() && (!isFree || event.repeat || !mayPushToTalk(call.store.get()))) return;
      swallow(event);
      call.send({ type: "talk_key", held: true });
    }
    function onKeyUp(event: KeyboardEvent) {
      if (event.key !== " " || !isTalking()) return;
      swallow(event);
      stop();
    }
    // The key may be let go where this page does not hear of it.
    const stop = () => call.send({ type: "talk_key", held: false });
    window.addEventListener("focusin", onFocus, true);
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("keyup", onKeyUp, true);
    window.addEventListener("blur", stop);
    return () => {
      stop();
      window.removeEventListener("focusin", onFocus, true);
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("keyup", onKeyUp, true);
      window.removeEventListener("blur", stop);
    };
  }, [call]);
}

/** Neither the button that was clicked last nor the scrolling of the page may follow. */
function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
