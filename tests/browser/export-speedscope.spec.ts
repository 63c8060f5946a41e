import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { exported, pathOf } from "./support/recordings.ts";
import { functions, open, type Row } from "./support/speedscope.ts";
import { sumOf } from "./support/viperf.ts";

const units: Record<string, number> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

/** The nanoseconds that speedscope shows as 12.34ms (56%), or the number of samples. */
function amount(text: string): number {
  const match = /^([\d.,]+)\s*(ns|µs|ms|s)?/.exec(text.trim());
  if (!match) {
    throw new Error(`no amount: ${text}`);
  }

  return Number(match[1]!.replaceAll(",", "")) * (units[match[2] ?? "ns"] ?? 1);
}

/** What functions took themselves is all there is, but for stacks without any, and for what speedscope rounds away. */
function sumOfSelves(rows: Row[]): number {
  return rows.reduce((sum, row) => sum + amount(row.self), 0);
}

for (const version of ["3.11.7", "3.13.0"]) {
  const name = `threads-${version}`;

  test(`speedscope shows the threads of Python ${version} with all of their time`, async ({ page }) => {
    test.skip(!pathOf(name), `Python ${version} is not there`);
    const { period } = sumOf(pathOf(name)!);

    await open(page, exported(name, "speedscope"));
    const rows = await functions(page);

    expect(Math.abs(sumOfSelves(rows) - period) / period).toBeLessThan(0.01);
    for (const known of ["red", "green", "blue"]) {
      expect(rows.map((row) => row.name)).toContain(known);
    }
  });

  test(`speedscope reads collapsed stacks of Python ${version} with all samples`, async ({ page }) => {
    test.skip(!pathOf(name), `Python ${version} is not there`);

    await open(page, exported(name, "collapsed"));
    const rows = await functions(page);

    expect(sumOfSelves(rows)).toBe(sumOf(pathOf(name)!).samples);
    for (const known of ["red (threads.py:10)", "green (threads.py:16)", "blue (threads.py:22)"]) {
      expect(rows.map((row) => row.name)).toContain(known);
    }
  });
}

test("speedscope shows waits", async ({ page }) => {
  test.skip(!pathOf("wall"), "no Python");

  await open(page, exported("wall", "collapsed"));
  const rows = await functions(page);

  expect(sumOfSelves(rows)).toBe(sumOf(pathOf("wall")!).samples);
  expect(rows.filter((row) => row.name.startsWith("[blocked: ")).length).toBeGreaterThan(0);
});

test("speedscope shows functions whose names are markup as text", async ({ page }) => {
  test.skip(!pathOf("markup"), "no Python");
  const name = "</script><img src=x onerror=alert(1)>";
  const file = exported("markup", "speedscope");
  page.on("dialog", (dialog) => {
    throw new Error(`a script ran: ${dialog.message()}`);
  });

  await open(page, file);

  expect((await functions(page)).map((row) => row.name)).toContain(name);
  expect(readFileSync(file, "utf8")).not.toContain("<");
});
