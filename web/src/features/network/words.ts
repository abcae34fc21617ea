import type { TFunction } from "i18next";
import {
  gradeOf,
  isOff,
  type Leg,
  type Results,
  type Step,
  steps,
  verdictOf,
  type Way,
} from "../../core/network/results";
import type { NetworkTestState } from "../../core/network/run";
import type { FailureCode } from "../../core/problem";

function legWords(t: TFunction, { kilobits, loss, jitterMs }: Leg): string {
  const unknown = t("network.found.unknown");
  return t("network.found.leg", {
    rate: Math.round(kilobits),
    loss: loss === null ? unknown : `${(loss * 100).toFixed(1)}\u00a0%`,
    jitter: jitterMs === null ? unknown : `${Math.round(jitterMs)}\u00a0ms`,
  });
}

function wayWords(t: TFunction, step: Way, results: Results): string[] {
  const result = results[step];
  if (result === null) return [];
  if (result.state === "blocked") return [t("network.found.way_blocked")];
  if (result.state === "not_offered") return [t("network.found.way_not_offered")];
  const ms = Math.round(result.tookMs);
  if (!result.pair) return [t("network.found.way_works_blind", { ms })];
  return [t("network.found.way_works", { ms, address: result.pair.address })];
}

/** In a meeting some of them mean, or promise, something else. */
function failureWords(t: TFunction, failure: FailureCode): string {
  if (isOff(failure)) return t("network.found.server_off");
  const isBusy = failure === "server_overloaded" || failure === "server_full";
  return isBusy ? t("network.found.server_busy") : t(`error.${failure}`);
}

/** What was found in a step, one sentence each; empty: it was not tried. */
export function foundWords(t: TFunction, step: Step, results: Results): string[] {
  const { server, socket, quality, devices } = results;
  switch (step) {
    case "server":
      if (server === null) return [];
      if ("failure" in server) return [failureWords(t, server.failure)];
      return [t("network.found.server", { ms: Math.round(server.roundTripMs) })];
    case "socket":
      return socket === null ? [] : [t(`network.found.socket_${socket}`)];
    case "quality": {
      if (quality === null) return [];
      if (quality === "failed") return [t("network.found.quality_failed")];
      const { up, down, roundTripMs } = quality;
      const roundTrip =
        roundTripMs === null
          ? []
          : [t("network.found.round_trip", { ms: Math.round(roundTripMs) })];
      return [
        t("network.found.up", { leg: legWords(t, up) }),
        t("network.found.down", { leg: legWords(t, down) }),
        ...roundTrip,
      ];
    }
    case "devices": {
      if (devices === null) return [];
      const { problem, microphones, cameras } = devices;
      const found = t("network.found.devices", { microphones, cameras });
      return problem === null ? [found] : [`${t(`problem.${problem}_both`)}.`, found];
    }
    default:
      return wayWords(t, step, results);
  }
}

interface About {
  host: string;
  browser: string;
}

/** To read and to send. Of whoever tests nothing is in it but their browser and what their line is like. */
export function reportText(t: TFunction, state: NetworkTestState, about: About): string {
  const { results } = state;
  const verdict = verdictOf(results);
  const head = [
    t("network.report_head"),
    t("network.report_server", { host: about.host }),
    t("network.report_time", { time: new Date(state.startedAt).toISOString() }),
    t("network.report_browser", { browser: about.browser }),
    t("network.report_verdict", { verdict: t(`network.verdict.${verdict.code}`) }),
  ];
  const body = steps.map((step) => {
    const grade = t(`network.state.${gradeOf(step, results)}`);
    const words = foundWords(t, step, results);
    const pair = step === "udp" || step === "tcp" || step === "tls" ? pairWords(results, step) : [];
    const lines = [...(words.length === 0 ? [t("network.found.not_tried")] : words), ...pair];
    return [`${t(`network.step.${step}`)} [${grade}]`, ...lines.map((line) => `  ${line}`)].join(
      "\n",
    );
  });
  return `${[...head, "", ...body].join("\n")}\n`;
}

/** For whoever knows these words; they are the same in every language. */
function pairWords(results: Results, way: Way): string[] {
  const result = results[way];
  if (result?.state !== "works" || !result.pair) return [];
  const { protocol, local, remote, isIpv6 } = result.pair;
  return [`${protocol}, ${isIpv6 ? "IPv6" : "IPv4"}, ${local} -> ${remote}`];
}
