import type { components } from "./api/schema";

type ProblemCode = components["schemas"]["ProblemCode"];

/** The break that is left before another meeting, on this machine's clock. */
export interface Rest {
  until: number;
  rule: NonNullable<components["schemas"]["Problem"]["rest_rule"]>;
}

/** Everything the interface has a sentence for. `offline` and `server_error` never come from the server. */
export type FailureCode = ProblemCode | "offline" | "server_error";

const codeOfStatus: Record<number, FailureCode> = {
  400: "bad_request",
  401: "sign_in_required",
  404: "meeting_not_found",
  429: "too_many_requests",
  503: "server_full",
};

// A record rather than a list, so that a code added to the contract fails to compile until it is here.
const known: Record<FailureCode, true> = {
  sign_in_required: true,
  sign_in_refused: true,
  wrong_credentials: true,
  too_many_attempts: true,
  sign_in_busy: true,
  wrong_password: true,
  password_too_weak: true,
  password_too_long: true,
  password_not_text: true,
  password_personal: true,
  password_not_allowed: true,
  fresh_sign_in_required: true,
  wrong_code: true,
  code_expired: true,
  sso_expired: true,
  sso_cancelled: true,
  sso_refused: true,
  sso_unreachable: true,
  sso_not_allowed: true,
  meeting_not_found: true,
  not_owner: true,
  name_required: true,
  name_too_long: true,
  title_required: true,
  title_too_long: true,
  too_many_requests: true,
  server_full: true,
  server_overloaded: true,
  bad_request: true,
  guests_refused: true,
  invitation_refused: true,
  banned: true,
  rest_required: true,
  meeting_full: true,
  meeting_too_long: true,
  meeting_too_short: true,
  guests_not_allowed: true,
  lobby_required: true,
  turn_too_long: true,
  not_in_meeting: true,
  not_allowed: true,
  not_now: true,
  no_such_person: true,
  no_such_thing: true,
  queue_full: true,
  too_much: true,
  plan_in_past: true,
  plan_too_far: true,
  too_many_plans: true,
  plan_too_close: true,
  no_mail: true,
  chair_needed: true,
  text_required: true,
  text_too_long: true,
  offline: true,
  server_error: true,
};

/** Of text that anybody may have written. */
export function asFailureCode(text: string | null): FailureCode | null {
  return text !== null && Object.hasOwn(known, text) ? (text as FailureCode) : null;
}

/** A proxy in front of the server may answer without our `code`; the status then has to do. */
export function failureCode(status: number, body: unknown): FailureCode {
  if (typeof body === "object" && body !== null && "code" in body) {
    const code = typeof body.code === "string" ? asFailureCode(body.code) : null;
    if (code) return code;
  }
  return codeOfStatus[status] ?? "server_error";
}

/** Null when the problem does not say how long; a rule that is unknown is the strictest. */
export function restOf(body: unknown, now: number): Rest | null {
  if (typeof body !== "object" || body === null || !("rest" in body)) return null;
  if (typeof body.rest !== "number") return null;
  const rule = "rest_rule" in body ? body.rest_rule : null;
  const isKnown = rule === "inform" || rule === "discourage";
  return { until: now + body.rest, rule: isKnown ? rule : "block" };
}

/** Of a plan that left no break: where it would have one, and whether one may insist. */
export interface NextSlot {
  at: number | null;
  mayInsist: boolean;
}

export function slotOf(body: unknown): NextSlot | null {
  if (typeof body !== "object" || body === null || !("code" in body)) return null;
  if (body.code !== "plan_too_close") return null;
  const at = "next_slot" in body && typeof body.next_slot === "number" ? body.next_slot : null;
  return { at, mayInsist: "rest_rule" in body && body.rest_rule === "discourage" };
}

export class ApiFailure extends Error {
  constructor(
    readonly code: FailureCode,
    readonly status: number,
    readonly rest: Rest | null = null,
    readonly slot: NextSlot | null = null,
    /** Milliseconds after which to try again; null when the server does not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(code);
  }
}

export function codeOf(error: unknown): FailureCode {
  return error instanceof ApiFailure ? error.code : "server_error";
}

export function slotIn(error: unknown): NextSlot | null {
  return error instanceof ApiFailure ? error.slot : null;
}

export function retryAfterIn(error: unknown): number | null {
  return error instanceof ApiFailure ? error.retryAfterMs : null;
}

/** Of the header (RFC 9110 10.2.3), in seconds: our server names no date. */
export function retryAfterOf(header: string | null): number | null {
  return header !== null && /^\d{1,4}$/.test(header) ? Number(header) * 1000 : null;
}

export function restIn(error: unknown): Rest | null {
  return error instanceof ApiFailure ? error.rest : null;
}
