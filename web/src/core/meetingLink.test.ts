import { describe, expect, it } from "vitest";
import { readMeetingLink } from "./meetingLink";
import { routeOf } from "./route";

const origin = "https://visio.example.fr";
const read = (text: string) => readMeetingLink(text, origin);
const meeting = { kind: "meeting", id: "Ab3-_9" };

describe("readMeetingLink", () => {
  it.each([
    "Ab3-_9",
    "  Ab3-_9\n",
    "https://visio.example.fr/m/Ab3-_9",
    "https://visio.example.fr/m/Ab3-_9/?debug#x",
    "visio.example.fr/m/Ab3-_9",
    "/m/Ab3-_9",
    "<https://visio.example.fr/m/Ab3-_9>",
  ])("reads %j", (text) => {
    expect(read(text)).toEqual(meeting);
  });
  it("names the other server of a foreign link", () => {
    expect(read("https://other.example.fr/m/Ab3")).toEqual({
      kind: "elsewhere",
      host: "other.example.fr",
    });
  });
  it.each(["", "  ", "https://visio.example.fr/", "https://visio.example.fr/m/a b", "hello world"])(
    "refuses %j",
    (text) => {
      expect(read(text)).toEqual({ kind: "unreadable" });
    },
  );
});

describe("routeOf", () => {
  it("knows the pages", () => {
    expect(routeOf("/")).toEqual({ page: "home" });
    expect(routeOf("/sign-in")).toEqual({ page: "sign-in" });
    expect(routeOf("/m/Ab3-_9/")).toEqual({ page: "meeting", id: "Ab3-_9" });
  });
  it("sends everything else to not found", () => {
    for (const path of ["/m/", "/m/a/b", "/m/a%20b", "/other"]) {
      expect(routeOf(path)).toEqual({ page: "not-found" });
    }
  });
});
