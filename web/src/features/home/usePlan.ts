import { useState } from "react";
import type { MeetingRules } from "../../core/api/client";
import { instantOf, localZone, utcOffsetAt, type When, whenOf } from "../../core/plan";
import { codeOf, type FailureCode, type NextSlot, slotIn } from "../../core/problem";

const hour = 3_600_000;

interface Asked {
  begins_at: number;
  utc_offset: number;
  zone: string;
  insist: boolean;
}

/** A time that is being chosen, and what the server said of it. */
export function usePlan(rules: MeetingRules, begins?: number) {
  const [when, setWhen] = useState<When>(() => whenOf(begins ?? Date.now() + hour));
  const [isChosen, setChosen] = useState(begins !== undefined);
  const [slot, setSlot] = useState<NextSlot | null>(null);
  const [failure, setFailure] = useState<FailureCode | "date_required" | null>(null);
  return {
    when,
    isChosen,
    slot,
    failure,
    rules,
    choose(next: When, isChoice: boolean) {
      setWhen(next);
      setChosen(isChoice);
      setSlot(null);
      setFailure(null);
    },
    /** Null while the fields are not filled in. */
    asked(insist: boolean): Asked | null {
      const begins_at = instantOf(when);
      if (begins_at === null) {
        setFailure("date_required");
        return null;
      }
      return { begins_at, utc_offset: utcOffsetAt(begins_at), zone: localZone(), insist };
    },
    refused(error: unknown) {
      setSlot(slotIn(error));
      setFailure(slotIn(error) ? null : codeOf(error));
    },
  };
}
