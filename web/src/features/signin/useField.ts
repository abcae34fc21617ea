import { useRef, useState } from "react";

/** A field of the sign-in page: its text, what is wrong with it, and the way to it when something is. */
export function useField() {
  const [value, setValue] = useState("");
  const [error, setError] = useState<string | null>(null);
  const inputRef = useRef<HTMLInputElement>(null);
  return {
    value,
    /** Shows why, and puts the cursor where it can be mended. */
    refuse(why: string) {
      setError(why);
      inputRef.current?.focus();
      inputRef.current?.select();
    },
    props: {
      value,
      error,
      inputRef,
      onChange(text: string) {
        setValue(text);
        setError(null);
      },
    },
  };
}
