// The only file that knows the media library: replacing it must not touch anything else.
import {
  ConnectionQuality,
  createLocalTracks,
  DisconnectReason,
  LocalAudioTrack,
  type LocalTrack,
  LocalVideoTrack,
  type Participant,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  type RoomOptions,
  Track,
  TrackEvent,
  VideoPresets,
} from "livekit-client";
import { listDevices, problemOf, worthAskingAlone } from "./devices";
import { Effects, sourceOf } from "./effects/effects";
import type { MediaEngine, VideoSource } from "./engine";
import { followLoudness, onGesture, watchMutedSpeech, watchSilence } from "./loudness";
import { peopleOf, videoSources } from "./mediaPeople";
import { repairWhenCut } from "./mediaPulse";
import { Retries } from "./retries";
import type { MediaCommand } from "./session/command";
import type { MediaEvent } from "./session/event";
import type { CaptureKind, DeviceKind, EndReason } from "./session/state";

declare global {
  interface Window {
    /**
     * The live room, for browser tests, when the page's address has `?debug`. It gives no right that the
     * page does not already have: the server decides what a participant may do.
     */
    __conclave_room?: Room;
  }
}

type DeviceIds = Partial<Record<DeviceKind, string | null>>;

const sources = { microphone: Track.Source.Microphone, camera: Track.Source.Camera } as const;
const permissionWithinMs = 3000;
const browserKinds = {
  microphone: "audioinput",
  camera: "videoinput",
  speaker: "audiooutput",
} as const;

const options: RoomOptions = {
  // Each video in the size it is shown, none that is out of sight; and nobody encodes what nobody watches.
  adaptiveStream: true,
  dynacast: true,
  // Unmuting must be instant and must not ask the device again, so a muted microphone stays open.
  stopLocalTrackOnUnpublish: true,
  videoCaptureDefaults: { resolution: VideoPresets.h720.resolution },
  publishDefaults: {
    simulcast: true,
    videoCodec: "vp8",
    dtx: true,
    red: true,
    stopMicTrackOnMute: false,
  },
};

// "Client initiated" is left out: this file stops listening before it disconnects, so the library can only
// mean that the page is being unloaded or frozen. That must count as a lost connection, from which a reload
// or a page taken out of the freezer comes back, and not as leaving.
const endReasons: Partial<Record<DisconnectReason, EndReason>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: "duplicate",
  [DisconnectReason.PARTICIPANT_REMOVED]: "removed",
  [DisconnectReason.ROOM_DELETED]: "meeting_over",
  [DisconnectReason.ROOM_CLOSED]: "meeting_over",
  [DisconnectReason.SERVER_SHUTDOWN]: "server_stopped",
};

function signallingUrl(): string {
  return location.origin.replace(/^http/, "ws");
}

function deviceOf(track: LocalTrack): string | null {
  return sourceOf(track).getSettings().deviceId ?? null;
}

function kindOf(source: Track.Source): CaptureKind | null {
  if (source === sources.microphone) return "microphone";
  return source === sources.camera ? "camera" : null;
}

/** The meeting and the signalling are two ways: what the one allows the other may not have heard yet. */
function permission(room: Room): Promise<void> {
  const isGiven = () => room.localParticipant.permissions?.canPublish === true;
  if (isGiven()) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => isGiven() && settle();
    const timer = setTimeout(settle, permissionWithinMs);
    function settle() {
      clearTimeout(timer);
      room.off(RoomEvent.ParticipantPermissionsChanged, look);
      resolve();
    }
    room.on(RoomEvent.ParticipantPermissionsChanged, look);
  });
}

class LiveKitEngine implements MediaEngine {
  private room: Room | null = null;
  private isConnected = false;
  private isDisposed = false;
  private readonly preview = new Map<CaptureKind, LocalTrack>();
  /** What this page asked for: a mute that differs from it came from elsewhere. */
  private readonly asked = new Map<CaptureKind, boolean>();
  /** Ended by themselves, not by this page, and replaced by no other device yet. */
  private readonly lost = new Set<CaptureKind>();
  private receivesVideo = true;
  private readonly listeners = new Set<(event: MediaEvent) => void>();
  private readonly levelListeners = new Set<(level: number) => void>();
  private stopListening: () => void = () => {};
  private stopPulse: () => void = () => {};
  private listening = "";
  private work: Promise<void> = Promise.resolve();
  private peopleScheduled = false;
  private readonly effects = new Effects(
    (event) => this.emit(event),
    () => onGesture(() => this.queue(() => this.applyEffects())),
  );
  private readonly onDevicesChanged = () => void this.reportDevices();

  constructor() {
    navigator.mediaDevices?.addEventListener("devicechange", this.onDevicesChanged);
  }

  subscribe(listener: (event: MediaEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  run(command: MediaCommand): void {
    switch (command.type) {
      case "list_devices":
        void this.reportDevices();
        break;
      case "effects":
        this.queue(() => {
          this.effects.choose(command.background, command.noise);
          return this.applyEffects();
        });
        break;
      case "capture":
        this.queue(() => this.capture(command.kinds, command.on, command.deviceIds));
        break;
      case "connect":
        this.queue(() => this.connect(command.token, command.speakerId, command.publish));
        break;
      case "disconnect":
        this.disconnect();
        break;
      case "release":
        this.queue(() => this.release());
        break;
      case "select_device":
        this.queue(() => this.selectDevice(command.kind, command.id));
        break;
      case "share":
        this.queue(() => this.share(command.on));
        break;
      case "receive_video":
        this.receiveVideo(command.on);
        break;
      case "start_audio":
        void this.room?.startAudio().catch(() => {});
        break;
    }
  }

  attachVideo(element: HTMLVideoElement, identity: string | null, source: VideoSource) {
    const track =
      identity === null
        ? this.preview.get("camera")
        : this.participant(identity)?.getTrackPublication(videoSources[source])?.track;
    if (!track) return () => {};
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }

  watchLevel(listener: (level: number) => void): () => void {
    this.levelListeners.add(listener);
    this.listen();
    return () => {
      this.levelListeners.delete(listener);
      this.listen();
    };
  }

  dispose(): void {
    this.isDisposed = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.onDevicesChanged);
    this.disconnect();
    this.listeners.clear();
    this.levelListeners.clear();
    this.listen();
  }

  private emit(event: MediaEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  /** One at a time: two captures at once would open a device twice and publish it twice. */
  private queue(job: () => Promise<void>): void {
    this.work = this.work.then(job).catch(() => {});
  }

  private participant(identity: string): Participant | undefined {
    const local = this.room?.localParticipant;
    return local?.identity === identity ? local : this.room?.remoteParticipants.get(identity);
  }

  private async reportDevices(): Promise<void> {
    this.emit({ type: "devices_listed", devices: await listDevices() });
    this.reportUsed();
  }

  /** When a device is lost the library takes another by itself. */
  private reportUsed(): void {
    for (const kind of ["microphone", "camera"] as const) {
      const id = this.room?.getActiveDevice(browserKinds[kind]);
      if (id !== undefined) this.emit({ type: "device_used", kind, id });
    }
  }

  private async capture(kinds: CaptureKind[], on: boolean, deviceIds: DeviceIds): Promise<void> {
    if (this.room && this.isConnected) {
      for (const kind of kinds) await this.captureInRoom(this.room, kind, on, deviceIds);
    } else if (on) {
      await this.openPreview(kinds, deviceIds);
    } else {
      for (const kind of kinds) this.closePreview(kind);
    }
    if (on) await this.applyEffects();
    this.listen();
    if (on) await this.reportDevices();
  }

  private async captureInRoom(room: Room, kind: CaptureKind, on: boolean, deviceIds: DeviceIds) {
    const person = room.localParticipant;
    const deviceId = deviceIds[kind] ?? undefined;
    this.asked.set(kind, on);
    this.lost.delete(kind);
    if (on) await permission(room);
    try {
      if (kind === "microphone") {
        await person.setMicrophoneEnabled(on, { ...this.effects.sound, deviceId });
      } else {
        const processor = on ? await this.effects.camera() : undefined;
        await person.setCameraEnabled(on, {
          ...options.videoCaptureDefaults,
          deviceId,
          processor,
        });
      }
      const track = this.own(kind);
      this.emit({ type: "captured", kind, on, deviceId: track ? deviceOf(track) : null });
    } catch (error) {
      this.asked.set(kind, false);
      this.emit({ type: "capture_failed", kind, problem: problemOf(error) });
    }
  }

  private async openPreview(kinds: CaptureKind[], deviceIds: DeviceIds): Promise<void> {
    // A phone cannot open its second camera while the first is open.
    for (const kind of kinds) this.preview.get(kind)?.stop();
    try {
      const tracks = await createLocalTracks({
        audio: kinds.includes("microphone") && {
          ...this.effects.sound,
          deviceId: deviceIds.microphone ?? undefined,
        },
        video: kinds.includes("camera") && {
          ...options.videoCaptureDefaults,
          deviceId: deviceIds.camera ?? undefined,
          processor: await this.effects.camera(),
        },
      });
      for (const track of tracks) this.keepPreview(track);
    } catch (error) {
      const problem = problemOf(error);
      const alone = await worthAskingAlone(kinds, problem);
      for (const kind of kinds) {
        if (alone.includes(kind)) await this.openPreview([kind], deviceIds);
        else this.emit({ type: "capture_failed", kind, problem });
      }
    }
  }

  private keepPreview(track: LocalTrack): void {
    const kind: CaptureKind = track.kind === Track.Kind.Audio ? "microphone" : "camera";
    // The person may have left the page while the browser was asking.
    if (this.isDisposed) {
      track.stop();
      return;
    }
    this.preview.set(kind, track);
    this.emit({ type: "captured", kind, on: true, deviceId: deviceOf(track) });
  }

  private closePreview(kind: CaptureKind): void {
    this.preview.get(kind)?.stop();
    this.preview.delete(kind);
    this.emit({ type: "captured", kind, on: false, deviceId: null });
  }

  private async connect(token: string, speakerId: string | null, publish: boolean): Promise<void> {
    const retries = new Retries();
    const room = new Room({
      ...options,
      reconnectPolicy: retries,
      audioOutput: speakerId === null ? undefined : { deviceId: speakerId },
    });
    this.room = room;
    this.receivesVideo = true;
    if (new URLSearchParams(location.search).has("debug")) window.__conclave_room = room;
    this.listenTo(room);
    try {
      await room.connect(signallingUrl(), token);
    } catch {
      if (this.room !== room) return;
      this.room = null;
      this.emit({ type: "connect_failed" });
      return;
    }
    if (this.room !== room) return;
    this.isConnected = true;
    this.stopPulse = repairWhenCut(room, retries);
    this.emit({ type: "connected", people: peopleOf(room) });
    this.emit({ type: "audio_blocked", blocked: !room.canPlaybackAudio });
    if (publish) {
      await permission(room);
      await Promise.all([...this.preview].map(([kind, track]) => this.publish(room, kind, track)));
      this.preview.clear();
    } else {
      for (const kind of [...this.preview.keys()]) this.closePreview(kind);
    }
    this.listen();
  }

  private async release(): Promise<void> {
    const person = this.room?.localParticipant;
    this.asked.clear();
    for (const { track } of [...(person?.trackPublications.values() ?? [])]) {
      if (track) await person?.unpublishTrack(track, true);
    }
    this.listen();
  }

  private async publish(room: Room, kind: CaptureKind, track: LocalTrack): Promise<void> {
    this.asked.set(kind, true);
    try {
      await room.localParticipant.publishTrack(track as LocalAudioTrack | LocalVideoTrack);
    } catch {
      track.stop();
      this.emit({ type: "capture_failed", kind, problem: "failed" });
    }
  }

  private disconnect(): void {
    const room = this.room;
    this.room = null;
    this.isConnected = false;
    this.stopPulse();
    for (const track of this.preview.values()) track.stop();
    this.preview.clear();
    this.asked.clear();
    room?.removeAllListeners();
    void room?.disconnect(true);
    this.removeSound();
    this.listen();
  }

  private async selectDevice(kind: DeviceKind, id: string): Promise<void> {
    try {
      await this.room?.switchActiveDevice(browserKinds[kind], id);
      this.schedulePeople();
    } catch (error) {
      if (kind !== "speaker")
        this.emit({ type: "capture_failed", kind, problem: problemOf(error) });
    }
    this.listen();
  }

  private async share(on: boolean): Promise<void> {
    try {
      await this.room?.localParticipant.setScreenShareEnabled(on, {
        audio: true,
        contentHint: "detail",
        selfBrowserSurface: "exclude",
      });
    } catch (error) {
      // Closing the browser's picker is a choice, not a failure.
      if (problemOf(error) === "denied") this.emit({ type: "share_changed", on: false });
      else this.emit({ type: "share_failed" });
    }
  }

  private receiveVideo(on: boolean): void {
    this.receivesVideo = on;
    for (const person of this.room?.remoteParticipants.values() ?? []) {
      for (const publication of person.videoTrackPublications.values()) {
        publication.setSubscribed(on);
      }
    }
    this.schedulePeople();
  }

  /** The server offers every new track; the answer takes a moment in which it may have begun. */
  private decline(publication: RemoteTrackPublication): void {
    if (!this.receivesVideo && publication.kind === Track.Kind.Video) {
      publication.setSubscribed(false);
    }
  }

  private listenTo(room: Room): void {
    const people = () => this.schedulePeople();
    const connection = (value: "steady" | "reconnecting") => () => {
      this.emit({ type: "connection_changed", connection: value });
      people();
    };
    room
      .on(RoomEvent.ParticipantConnected, people)
      .on(RoomEvent.ParticipantDisconnected, people)
      .on(RoomEvent.ParticipantNameChanged, people)
      .on(RoomEvent.ParticipantAttributesChanged, people)
      .on(RoomEvent.TrackPublished, (publication) => {
        this.decline(publication);
        people();
      })
      .on(RoomEvent.TrackUnpublished, people)
      .on(RoomEvent.TrackUnmuted, people)
      .on(RoomEvent.ActiveSpeakersChanged, people)
      .on(RoomEvent.LocalTrackPublished, ({ source, track }) => {
        this.followDevice(source, track);
        // In a room a track gets the room's audio context, or none yet, which ends what was done to it.
        this.queue(() => this.applyEffects());
        people();
      })
      .on(RoomEvent.ActiveDeviceChanged, () => {
        this.reportUsed();
        this.listen();
      })
      .on(RoomEvent.LocalTrackUnpublished, people)
      .on(RoomEvent.TrackSubscribed, (track, publication) => {
        this.decline(publication);
        if (track.kind === Track.Kind.Audio) {
          // Before it tells of the end of a subscription the library detaches the element and forgets it.
          track.once(TrackEvent.ElementDetached, (element) => element.remove());
          this.addSound(track.attach());
        }
        people();
      })
      .on(RoomEvent.TrackUnsubscribed, people)
      .on(RoomEvent.TrackMuted, (publication, participant) => {
        if (participant.isLocal) this.onLocalMute(publication.source);
        people();
      })
      .on(RoomEvent.ConnectionQualityChanged, (quality, participant) => {
        const poor = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost;
        if (participant.isLocal && room.state === "connected") {
          this.emit({ type: "connection_changed", connection: poor ? "poor" : "steady" });
        }
        people();
      })
      .on(RoomEvent.Reconnecting, connection("reconnecting"))
      .on(RoomEvent.SignalReconnecting, connection("reconnecting"))
      .on(RoomEvent.Reconnected, connection("steady"))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => {
        this.emit({ type: "audio_blocked", blocked: !room.canPlaybackAudio });
      })
      .on(RoomEvent.Disconnected, (reason) => this.onDisconnected(room, reason));
  }

  private onDisconnected(room: Room, reason: DisconnectReason | undefined): void {
    if (this.room !== room || !this.isConnected) return;
    this.room = null;
    this.isConnected = false;
    this.stopPulse();
    this.asked.clear();
    this.removeSound();
    this.listen();
    const known = reason === undefined ? undefined : endReasons[reason];
    this.emit({ type: "disconnected", reason: known ?? "connection_lost" });
  }

  private followDevice(source: Track.Source, track: LocalTrack | undefined): void {
    const kind = kindOf(source);
    if (!kind) return;
    track?.on(TrackEvent.Ended, () => this.lost.add(kind));
    track?.on(TrackEvent.Restarted, () => this.lost.delete(kind));
  }

  private onLocalMute(source: Track.Source): void {
    const kind = kindOf(source);
    if (!kind || this.asked.get(kind) !== true) return;
    this.asked.set(kind, false);
    if (this.lost.delete(kind)) this.emit({ type: "capture_failed", kind, problem: "missing" });
    else this.emit({ type: "muted_by_server", kind });
    this.listen();
  }

  private own(kind: CaptureKind): LocalTrack | undefined {
    const publication = this.room?.localParticipant.getTrackPublication(sources[kind]);
    return publication?.track ?? this.preview.get(kind);
  }

  /** As often as one likes: what is as it was chosen stays so. */
  private async applyEffects(): Promise<void> {
    const camera = this.own("camera");
    if (camera instanceof LocalVideoTrack) await this.effects.applyToCamera(camera);
    const microphone = this.own("microphone");
    if (microphone instanceof LocalAudioTrack) await this.effects.applyToMicrophone(microphone);
    this.listen();
    this.schedulePeople();
  }

  /** Many events come in one burst: the page is told once. */
  private schedulePeople(): void {
    if (this.peopleScheduled) return;
    this.peopleScheduled = true;
    queueMicrotask(() => {
      this.peopleScheduled = false;
      const room = this.room;
      if (!room || !this.isConnected) return;
      const people = peopleOf(room);
      this.emit({ type: "share_changed", on: people[0]?.screen !== null });
      this.emit({ type: "people_changed", people });
    });
  }

  private addSound(element: HTMLMediaElement): void {
    element.hidden = true;
    element.dataset.conclaveSound = "";
    document.body.append(element);
  }

  private removeSound(): void {
    for (const element of document.querySelectorAll("[data-conclave-sound]")) element.remove();
  }

  /**
   * Follows the microphone while someone looks at its level; a muted one to warn who talks into it, and an open
   * one to warn who cannot be heard.
   */
  private listen(): void {
    const publication = this.room?.localParticipant.getTrackPublication(Track.Source.Microphone);
    const own = this.own("microphone");
    const isMuted = publication?.isMuted ?? false;
    const isShown = this.levelListeners.size > 0;
    const wanted = isMuted ? "muted" : isShown ? "level" : publication ? "silence" : "nothing";
    // What is sent, where it is shown; else the device itself: what is reduced may well be nothing.
    const track = own && (isShown && !isMuted ? own.mediaStreamTrack : sourceOf(own));
    const listening = track && wanted !== "nothing" ? `${wanted}/${track.id}` : "";
    if (listening === this.listening) return;
    this.stopListening();
    this.listening = listening;
    this.stopListening = () => {};
    if (!track || listening === "") return;
    this.stopListening = this.listenAs(wanted, track);
  }

  private listenAs(wanted: string, track: MediaStreamTrack): () => void {
    if (wanted === "muted") {
      return watchMutedSpeech(track, () => this.emit({ type: "talked_while_muted" }));
    }
    if (wanted === "silence") {
      return watchSilence(track, (silent) => this.emit({ type: "silence_changed", silent }));
    }
    return followLoudness(track, (level) => {
      for (const listener of this.levelListeners) listener(level);
    });
  }
}

export function createMediaEngine(): MediaEngine {
  return new LiveKitEngine();
}
