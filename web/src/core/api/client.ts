import { ApiFailure, failureCode, restOf, retryAfterOf, slotOf } from "../problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type Doors = Schemas["Doors"];
export type Meeting = Schemas["Meeting"];
export type NetworkTest = Schemas["NetworkTest"];
export type OwnAccount = Schemas["OwnAccount"];
export type SignedInBrowser = Schemas["SignedInBrowser"];
type PasswordChange = Schemas["PasswordChange"];
type MeetingSummary = Schemas["MeetingSummary"];
export type Admission = Schemas["Admission"];
type JoinRequest = Schemas["JoinRequest"];
export type MeetingList = Schemas["MeetingList"];
export type ListedMeeting = Schemas["ListedMeeting"];
export type MeetingRules = MeetingList["rules"];
type PlanRequest = Schemas["PlanRequest"];
export type Invitation = Schemas["Invitation"];
type InvitationList = Schemas["InvitationList"];
type MailInvitationsRequest = Schemas["MailInvitationsRequest"];
export type MailOutcome = Schemas["MailOutcomes"]["outcomes"][number];
interface SlotsWanted {
  from: number;
  until: number;
  utc_offset: number;
  length?: number;
  meeting?: string;
}
export type CreateMeetingRequest = Schemas["CreateMeetingRequest"];

export interface Api {
  account(): Promise<Account | null>;
  signIn(secret: string): Promise<Account | null>;
  doors(): Promise<Doors>;
  signInByPassword(email: string, password: string): Promise<Account | null>;
  askForCode(email: string, language: "fr" | "en"): Promise<void>;
  signInByCode(code: string): Promise<Account | null>;
  signOut(): Promise<void>;
  /** Where the browser has to go for the identity provider to end its session as well. */
  signOutAtProvider(): Promise<string>;
  ownAccount(): Promise<OwnAccount>;
  sessions(): Promise<SignedInBrowser[]>;
  endSession(id: string): Promise<void>;
  endOtherSessions(): Promise<void>;
  changePassword(change: PasswordChange): Promise<void>;
  meetings(): Promise<MeetingList>;
  slots(wanted: SlotsWanted): Promise<number[]>;
  planMeeting(id: string, plan: PlanRequest): Promise<Meeting>;
  invitations(id: string): Promise<InvitationList>;
  /** The secret of a personal link. */
  invite(id: string, name: string): Promise<string>;
  inviteByMail(id: string, request: MailInvitationsRequest): Promise<MailOutcome[]>;
  revokeInvitation(id: string, invitation: string): Promise<void>;
  createMeeting(request: CreateMeetingRequest): Promise<Meeting>;
  endMeeting(id: string): Promise<void>;
  meeting(id: string): Promise<MeetingSummary>;
  join(id: string, request: JoinRequest): Promise<Admission>;
  /** A room to test the connection in, for one page. */
  networkTest(): Promise<NetworkTest>;
  /** The smallest question there is. */
  ping(): Promise<void>;
}

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

async function call(send: Fetch, method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await send(`/api/v1${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new ApiFailure("offline", 0);
  }
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => null);
  const code = failureCode(response.status, problem);
  throw new ApiFailure(
    code,
    response.status,
    restOf(problem, Date.now()),
    slotOf(problem),
    retryAfterOf(response.headers.get("Retry-After")),
  );
}

/** The answers are typed by the contract both sides are generated from or tested against. */
export function createApi(send: Fetch): Api {
  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await call(send, method, path, body);
    try {
      return (await response.json()) as T;
    } catch {
      throw new ApiFailure("server_error", response.status);
    }
  }
  const meetingPath = (id: string) => `/meetings/${encodeURIComponent(id)}`;
  return {
    account: async () => (await json<Schemas["Session"]>("GET", "/session")).account,
    signIn: async (secret) =>
      (await json<Schemas["Session"]>("POST", "/session", { secret })).account,
    doors: () => json("GET", "/sign-in"),
    signInByPassword: async (email, password) =>
      (await json<Schemas["Session"]>("POST", "/sign-in/password", { email, password })).account,
    askForCode: async (email, language) => {
      await call(send, "POST", "/sign-in/code", { email, language });
    },
    signInByCode: async (code) =>
      (await json<Schemas["Session"]>("POST", "/sign-in/code/verify", { code })).account,
    signOut: async () => {
      await call(send, "DELETE", "/session");
    },
    signOutAtProvider: async () =>
      (await json<Schemas["Elsewhere"]>("POST", "/sign-in/oidc/sign-out", {})).url,
    ownAccount: () => json("GET", "/account"),
    sessions: async () => (await json<Schemas["SessionList"]>("GET", "/account/sessions")).sessions,
    endSession: async (id) => {
      await call(send, "DELETE", `/account/sessions/${encodeURIComponent(id)}`);
    },
    endOtherSessions: async () => {
      await call(send, "DELETE", "/account/sessions");
    },
    changePassword: async (change) => {
      await call(send, "PUT", "/account/password", change);
    },
    meetings: () => json("GET", "/meetings"),
    slots: async (wanted) => {
      const known = Object.entries(wanted).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(known.map(([name, value]) => [name, String(value)]));
      return (await json<{ slots: number[] }>("GET", `/slots?${query}`)).slots;
    },
    planMeeting: (id, plan) => json("PUT", `${meetingPath(id)}/plan`, plan),
    invitations: (id) => json("GET", `${meetingPath(id)}/invitations`),
    invite: async (id, name) =>
      (await json<Schemas["InvitationSecret"]>("POST", `${meetingPath(id)}/invitations`, { name }))
        .secret,
    inviteByMail: async (id, request) =>
      (await json<Schemas["MailOutcomes"]>("POST", `${meetingPath(id)}/invitation-mails`, request))
        .outcomes,
    revokeInvitation: async (id, invitation) => {
      await call(
        send,
        "DELETE",
        `${meetingPath(id)}/invitations/${encodeURIComponent(invitation)}`,
      );
    },
    createMeeting: (request) => json("POST", "/meetings", request),
    endMeeting: async (id) => {
      await call(send, "DELETE", meetingPath(id));
    },
    meeting: (id) => json("GET", meetingPath(id)),
    join: (id, request) => json("POST", `${meetingPath(id)}/join`, request),
    networkTest: () => json("POST", "/network-test", {}),
    ping: async () => {
      await call(send, "GET", "/sign-in");
    },
  };
}
