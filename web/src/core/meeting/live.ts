// The meeting socket's words, as the contract has them.
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type LiveMessage = Schemas["LiveMessage"];
export type MeetingMessage = Schemas["MeetingMessage"];
export type UpdateMessage = Schemas["UpdateMessage"];
export type OverMessage = Schemas["OverMessage"];
export type WaitingReason = Schemas["WaitingMessage"]["reason"];

export type LiveMeeting = Schemas["LiveMeeting"];
export type Me = Schemas["Me"];
export type LivePerson = Schemas["LivePerson"];
export type Floor = Schemas["Floor"];
export type Clock = Schemas["Clock"];
export type Motion = Schemas["Motion"];
export type Agenda = Schemas["Agenda"];
export type AgendaItem = Schemas["AgendaItem"];
export type ChatMessage = Schemas["ChatMessage"];
export type Question = Schemas["Questions"][number];
export type QuestionState = Schemas["QuestionState"];
export type LobbyPerson = Schemas["LobbyList"][number];
export type Role = Schemas["Role"];
export type Source = Schemas["Source"];
export type HandReason = Schemas["HandReason"];
export type FloorMode = Schemas["FloorMode"];
export type FloorOrder = Schemas["FloorOrder"];
export type Reaction = Schemas["Reaction"];

type WithoutId<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** What can be asked once the socket knows who asks. The id is the socket's affair. */
export type Wish = WithoutId<Exclude<Schemas["LiveRequest"], Schemas["Hello"]>>;

/** What is told without having been asked. */
export type Told = Exclude<LiveMessage, Schemas["DoneMessage"] | Schemas["RefusedMessage"]>;
