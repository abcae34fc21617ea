import { describe, expect, it } from "vitest";
import { nextPath, problemCode, signInPath, singleSignOnPath, withoutSignIn } from "./signInPath";

describe("signInPath", () => {
  it("leads back to the meeting one came from", () => {
    expect(signInPath("/m/abc", "")).toBe("/sign-in?next=%2Fm%2Fabc");
    expect(signInPath("/m/abc", "?debug")).toBe("/sign-in?debug&next=%2Fm%2Fabc");
    expect(signInPath("/", "")).toBe("/sign-in");
    expect(signInPath("/sign-in", "?problem=x&next=/m/abc")).toBe("/sign-in");
  });
  it("leaves nothing of itself behind", () => {
    expect(withoutSignIn("?debug&next=/m/abc&problem=x")).toBe("?debug");
    expect(withoutSignIn("?next=/m/abc")).toBe("");
  });
});

describe("nextPath", () => {
  it("is a meeting of ours", () => {
    expect(nextPath("?next=%2Fm%2FAb3-_9")).toBe("/m/Ab3-_9");
  });
  it.each([
    "",
    "?next=",
    "?next=//evil.example",
    "?next=/\\evil.example",
    "?next=\\evil.example",
    "?next=https:evil.example",
    "?next=https://evil.example/m/abc",
    "?next=javascript:alert(1)",
    "?next=/m//evil.example",
    "?next=/m/a%2f..%2f..%2fx",
    "?next=/m/abc%0d%0a",
    "?next=%20/m/abc",
    "?next=/sign-in",
  ])("is the front page for %j", (search) => {
    expect(nextPath(search)).toBe("/");
  });
  it("goes with one to the identity provider", () => {
    expect(singleSignOnPath("?next=/m/abc")).toBe("/api/v1/sign-in/oidc?next=%2Fm%2Fabc");
    expect(singleSignOnPath("?next=//evil.example")).toBe("/api/v1/sign-in/oidc");
  });
  it("reads the problem beside it", () => {
    expect(problemCode("?problem=sso_failed&next=/m/a")).toBe("sso_failed");
    expect(problemCode("")).toBeNull();
  });
});
