// A reporter for node --test that says one line: how many tests passed and failed. Groups are not counted.
export default async function* tally(events) {
  const counts = { pass: 0, fail: 0 };
  for await (const { type, data } of events) {
    const [, outcome] = /^test:(pass|fail)$/.exec(type) ?? [];
    const isTest =
      data?.details?.type !== "suite" && !data?.skip && !data?.file?.endsWith(data?.name);
    if (outcome && isTest) counts[outcome] += 1;
  }
  yield `${counts.pass} passed, ${counts.fail} failed\n`;
}
