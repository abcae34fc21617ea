const idPattern = /^[A-Za-z0-9_-]{1,64}$/;
const pathPattern = /^\/m\/([^/]+)\/?$/;

export type LinkReading =
  | { kind: "meeting"; id: string }
  | { kind: "elsewhere"; host: string }
  | { kind: "unreadable" };

export function isMeetingId(text: string): boolean {
  return idPattern.test(text);
}

export function meetingLink(origin: string, id: string): string {
  return `${origin}/m/${id}`;
}

/** Opens for its first device alone. The secret is a fragment, which no browser sends to a server. */
export function personalLink(origin: string, id: string, secret: string): string {
  return `${meetingLink(origin, id)}#${secret}`;
}

/**
 * Reads what a person pasted: a whole link, a link without its scheme, a path, or the bare id. A link of
 * another server is told apart, because opening its id here would say "not found" and hide the mistake.
 */
export function readMeetingLink(pasted: string, origin: string): LinkReading {
  const text = pasted.trim().replace(/^<|>$/g, "");
  if (isMeetingId(text)) return { kind: "meeting", id: text };
  const url = parseUrl(text, origin);
  const id = url && pathPattern.exec(url.pathname)?.[1];
  if (!url || !id || !isMeetingId(id)) return { kind: "unreadable" };
  if (url.host !== new URL(origin).host) return { kind: "elsewhere", host: url.host };
  return { kind: "meeting", id };
}

function parseUrl(text: string, origin: string): URL | null {
  const hasScheme = /^https?:\/\//i.test(text);
  const isPath = text.startsWith("/");
  if (/\s/.test(text)) return null;
  try {
    return isPath ? new URL(text, origin) : new URL(hasScheme ? text : `https://${text}`);
  } catch {
    return null;
  }
}
