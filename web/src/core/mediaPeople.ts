// What the rest of the client knows of the people in the media library's room.
import { ConnectionQuality, type Participant, type Room, Track } from "livekit-client";
import type { VideoSource } from "./engine";
import type { Person } from "./session/state";

export const videoSources = {
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
} as const;

/** A video that can be shown now, named so that the name changes when another track must be attached. */
function videoKey(participant: Participant, source: VideoSource): string | null {
  const publication = participant.getTrackPublication(videoSources[source]);
  if (!publication?.track || publication.isMuted) return null;
  return `${publication.trackSid}/${publication.track.mediaStreamTrack.id}`;
}

function personOf(participant: Participant): Person {
  const microphone = participant.getTrackPublication(Track.Source.Microphone);
  const screen = participant.getTrackPublication(Track.Source.ScreenShare);
  const quality = participant.connectionQuality;
  return {
    identity: participant.identity,
    name: participant.name || participant.identity,
    kind: participant.attributes["conclave.kind"] === "agent" ? "agent" : "guest",
    isLocal: participant.isLocal,
    microphone: microphone !== undefined && !microphone.isMuted,
    camera: videoKey(participant, "camera"),
    screen: videoKey(participant, "screen"),
    sharing: screen !== undefined && !screen.isMuted,
    speaking: participant.isSpeaking,
    lastSpokeAt: participant.lastSpokeAt?.getTime() ?? 0,
    quality:
      quality === ConnectionQuality.Poor
        ? "poor"
        : quality === ConnectionQuality.Lost
          ? "lost"
          : "good",
  };
}

export function peopleOf(room: Room): Person[] {
  const remote = [...room.remoteParticipants.values()].sort(
    (a, b) => (a.joinedAt?.getTime() ?? 0) - (b.joinedAt?.getTime() ?? 0),
  );
  return [room.localParticipant, ...remote].map(personOf);
}
