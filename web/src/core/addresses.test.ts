import { expect, it } from "vitest";
import { addressesIn } from "./addresses";

it("reads addresses however they were pasted", () => {
  expect(addressesIn("ada@x.fr, bob@x.fr;eve@x.fr\n  ada@x.fr ")).toEqual([
    "ada@x.fr",
    "bob@x.fr",
    "eve@x.fr",
  ]);
  expect(addressesIn('"Ada Lovelace" <ada@x.fr>, Bob <bob@x.fr>')).toEqual([
    "ada@x.fr",
    "bob@x.fr",
  ]);
  expect(addressesIn("nobody in particular")).toEqual([]);
});
