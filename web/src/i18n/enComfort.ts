import type { frComfort, frComfortNotice } from "./frComfort";

export const enComfort: typeof frComfort = {
  comfort: {
    layout: "Layout",
    layout_auto: "Automatic",
    layout_grid: "Grid",
    layout_speaker: "Speaker large",
    pin: "Keep large: {{name}}",
    bandwidth: "Connection",
    audio_only_switch: "Audio only",
    audio_only: "Audio only: no picture is received or sent.",
    pictures: "Show pictures again",
    without_pictures: "Switch to audio only",
    poor_still:
      "Your connection is still weak, even without pictures. Move closer to the Wi-Fi or plug in a network cable.",
    silent:
      "Your microphone is on but no sound comes from it. It may be muted on the device or in the system.",
    other_microphone: "Choose another microphone",
    plugged_in: "New device plugged in: {{name}}",
    use_it: "Use it",
    not_now: "Not now",
    talking: "Microphone open while you hold the space bar",
    push_to_talk: "Hold the space bar to talk while the microphone is off",
    letter_keys: "Single-letter keyboard shortcuts",
    sounds: "Quiet sounds (your turn, raised hands)",
    space_bar: "Space",
    hold_to_talk: "Talk for as long as the key is held, with the microphone off",
    small_window_off: "Picture in picture",
    small_window_on: "Close picture in picture",
  },
};

export const enComfortNotice: typeof frComfortNotice = {
  pinned: "{{name}} stays large for you",
  unpinned: "{{name}} no longer stays large",
  layout_auto: "Automatic layout: a shared screen large, otherwise the grid",
  layout_grid: "Grid: everyone in the same size",
  layout_speaker: "The speaker large, the others beside",
  audio_only: "Audio only is on",
  pictures_again: "Pictures are back",
  audio_only_first: "In audio only no picture is sent. Show pictures again first.",
};
