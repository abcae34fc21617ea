import type { CaptureKind, Device, DeviceKind, DeviceProblem } from "./session/state";

const kinds: Record<string, DeviceKind> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

/** Before permission the browser gives entries without id or label: nothing a person could choose from. */
export async function listDevices(): Promise<Record<DeviceKind, Device[]>> {
  const listed: Record<DeviceKind, Device[]> = { microphone: [], camera: [], speaker: [] };
  const found = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  for (const { kind, deviceId, label } of found ?? []) {
    const ours = kinds[kind];
    if (ours && deviceId !== "" && label !== "") listed[ours].push({ id: deviceId, label });
  }
  if (!canChooseSpeaker()) listed.speaker = [];
  return listed;
}

function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

export function problemOf(error: unknown): DeviceProblem {
  if (navigator.mediaDevices === undefined) return "insecure";
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "failed";
  }
}

/**
 * After a common request failed, which of the two is worth asking for alone? One that is missing or busy
 * must not cost the other; but a person who just said no must not be asked twice more.
 */
export async function worthAskingAlone(
  asked: CaptureKind[],
  problem: DeviceProblem,
): Promise<CaptureKind[]> {
  if (asked.length < 2 || problem === "insecure") return [];
  if (problem !== "denied") return asked;
  const granted = await Promise.all(
    asked.map(async (kind) => {
      const name = kind as PermissionName;
      const status = await navigator.permissions?.query({ name }).catch(() => null);
      return status?.state === "granted";
    }),
  );
  return asked.filter((_, index) => granted[index]);
}
