// In the order in which they run; seconds are about what each takes.
import * as address from "./address.mjs";
import * as joining from "./joining.mjs";
import * as mtu from "./mtu.mjs";
import * as outage from "./outage.mjs";
import * as rebinding from "./rebinding.mjs";
import * as steps from "./steps.mjs";
import * as ways from "./ways.mjs";

export const scenarios = {
  steps,
  address,
  rebinding,
  outage,
  joining,
  mtu,
  ways,
};
