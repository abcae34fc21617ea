import { describe, expect, it } from "vitest";
import { createApi } from "./api/client";
import { ApiFailure, failureCode } from "./problem";

const problem = (status: number, body: unknown) => async () =>
  new Response(JSON.stringify(body), { status });

describe("failureCode", () => {
  it("prefers the server's code", () => {
    expect(failureCode(401, { code: "sign_in_refused" })).toBe("sign_in_refused");
  });
  it("falls back on the status when the code is unknown or missing", () => {
    expect(failureCode(404, { code: "something_new" })).toBe("meeting_not_found");
    expect(failureCode(429, null)).toBe("too_many_requests");
    expect(failureCode(503, "<html>")).toBe("server_full");
    expect(failureCode(503, { code: "server_overloaded" })).toBe("server_overloaded");
    expect(failureCode(418, {})).toBe("server_error");
  });
  it("is not fooled by names that every object has", () => {
    expect(failureCode(400, { code: "toString" })).toBe("bad_request");
  });
});

describe("createApi", () => {
  it("reads in how long to come back, when that is a number of seconds", async () => {
    const refusing = (value: string) => async () =>
      new Response(JSON.stringify({ status: 503, code: "server_overloaded" }), {
        status: 503,
        headers: { "Retry-After": value },
      });
    const join = (value: string) => createApi(refusing(value)).join("m1", {});
    await expect(join("41")).rejects.toMatchObject({
      code: "server_overloaded",
      retryAfterMs: 41_000,
    });
    for (const value of ["Fri, 27 Nov 2026 08:00:00 GMT", "-1", "1e9", "99999"])
      await expect(join(value)).rejects.toMatchObject({ retryAfterMs: null });
  });
  it("turns a problem into a failure with its code and status", async () => {
    const api = createApi(problem(401, { status: 401, code: "sign_in_required" }));
    await expect(api.meetings()).rejects.toEqual(new ApiFailure("sign_in_required", 401));
  });
  it("says offline when nothing answered", async () => {
    const api = createApi(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(api.account()).rejects.toMatchObject({ code: "offline" });
  });
  it("does not trust a success that is not JSON", async () => {
    const api = createApi(async () => new Response("<html>", { status: 200 }));
    await expect(api.account()).rejects.toMatchObject({ code: "server_error" });
  });
  it("accepts an answer without a body to sign-out", async () => {
    const api = createApi(async () => new Response(null, { status: 204 }));
    await expect(api.signOut()).resolves.toBeUndefined();
  });
  it("escapes the id in the path", async () => {
    let asked = "";
    const api = createApi(async (path) => {
      asked = path;
      return Response.json({ id: "x", title: "t" });
    });
    await api.meeting("a/b");
    expect(asked).toBe("/api/v1/meetings/a%2Fb");
  });
});
