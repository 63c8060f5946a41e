#!/usr/bin/env node
// How fast the page of a large recording is, beside speedscope with the same profile, in headless Chromium.
//
//     (cd tests/browser && npm ci) && bench/viewer-cost.mjs [RECORDING]
//
// Without a recording it makes two (big_recording.py): of a hundred thousand samples and twenty thousand distinct stacks, and of ten
// times as many of both. It prints how long opening takes, from the request to the first picture of the profile; of each action the
// time from the input to the next picture, as the browser's own event timing has it (in steps of 8 ms, nothing below 16); and the
// memory of the page's process.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const checkout = join(import.meta.dirname, "..");
const require = createRequire(join(checkout, "tests", "browser", "package.json"));
const { chromium } = require("@playwright/test");
const viperf = process.env.VIPERF_BINARY || join(checkout, "viperf");
const rounds = Number(process.env.ROUNDS || 5);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;

const folder = mkdtempSync(join(tmpdir(), "viewer-cost-"));
const page = join(folder, "big.html");
const scope = join(folder, "big.speedscope.json");

/** A browser of its own for each round, so that nothing is warm. */
async function withPage(run) {
  const browser = await chromium.launch({
    executablePath: process.env.VIPERF_CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await tab.addInitScript(() => {
    globalThis.slow = [];
    new PerformanceObserver((list) => globalThis.slow.push(...list.getEntries().map(({ name, duration }) => ({ name, duration }))))
      .observe({ type: "event", durationThreshold: 16, buffered: true });
    new MutationObserver((_, observer) => {
      if (document.querySelector("[role=application]")) {
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.opened = performance.now()))); // the picture is there then
      }
    }).observe(document, { childList: true, subtree: true });
  });
  try {
    return await run(tab, browser);
  } finally {
    await browser.close();
  }
}

/** Waits until what is there was painted. */
const painted = (tab) => tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Memory of the page's process that is its own, megabytes. */
async function memoryOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const resident = processInfo.filter(({ type }) => type === "renderer").map(({ id }) =>
    Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1024);
  return Math.max(...resident);
}

/** The slowest answer to an action's inputs, milliseconds; 0 for under 16. */
async function timeOf(tab, act) {
  await tab.evaluate(() => (globalThis.slow.length = 0));
  await act();
  await tab.waitForTimeout(400);
  return Math.max(0, ...(await tab.evaluate(() => globalThis.slow.map(({ duration }) => duration))));
}

async function measure(title, open, actions) {
  try {
    await measureRounds(title, open, actions);
  } catch (error) {
    console.log(`${title}: ${String(error).split("\n")[0]}`);
  }
}

async function measureRounds(title, open, actions) {
  const opens = [];
  const memories = [];
  const times = new Map();
  for (let round = 0; round < rounds; round++) {
    await withPage(async (tab, browser) => {
      const crash = new Promise((_, reject) => tab.on("crash", () => reject(new Error("the tab crashed"))));
      opens.push(await Promise.race([open(tab), crash]));
      await tab.waitForTimeout(2000);
      for (const [name, act] of actions) {
        times.set(name, [...(times.get(name) ?? []), await timeOf(tab, () => act(tab))]);
      }

      memories.push(await memoryOf(browser));
    });
  }

  console.log(`${title}: opens in ${seconds(median(opens))} (${opens.map(seconds).join(", ")}), ${Math.round(median(memories))} MB after all of this:`);
  for (const [name, all] of times) {
    console.log(`  ${name.padEnd(28)} ${median(all) === 0 ? "under 16" : median(all)} ms (most ${Math.max(...all)})`);
  }
}

const radio = (name) => (tab) => tab.getByRole("radio", { name, exact: true }).click();
const tabOf = (name) => (tab) => tab.getByRole("tab", { name, exact: true }).click();
const press = (key) => (tab) => tab.keyboard.press(key);
const measureViperf = () => measure("viperf", async (tab) => {
  await tab.goto(pathToFileURL(page).href);
  return (await tab.waitForFunction(() => globalThis.opened)).jsonValue();
}, [
  ["zoom", (tab) => tab.getByRole("application").click({ position: { x: 200, y: 70 } })],
  ["zoom out", press("Escape")],
  ["search, a letter at a time", async (tab) => {
    await tab.keyboard.press("/");
    await tab.keyboard.type("work_12", { delay: 60 });
  }],
  ["end the search", press("Escape")],
  ["Native", radio("Native")],
  ["Python", radio("Python")],
  ["Mixed", radio("Mixed")],
  ["fold recursion", (tab) => tab.getByRole("checkbox", { name: "Fold recursion" }).click()],
  ["unfold", (tab) => tab.getByRole("checkbox", { name: "Fold recursion" }).click()],
  ["hide a function", press("h")],
  ["take it back", press("Backspace")],
  ["focus on it", press("f")],
  ["take it back ", press("Backspace")],
  ["collapse its module", press("c")],
  ["take it back  ", press("Backspace")],
  ["drag a range of time", async (tab) => {
    const axis = await tab.getByRole("slider").boundingBox();
    await tab.mouse.move(axis.x + 200, axis.y + 10);
    await tab.mouse.down();
    await tab.mouse.move(axis.x + 700, axis.y + 10, { steps: 8 });
    await tab.mouse.up();
  }],
  ["colours by change", radio("Change")],
  ["by time", radio("By time")],
  ["all time", async (tab) => {
    await tab.getByRole("slider").focus();
    await tab.keyboard.press("Escape");
  }],
  ["heaviest first", radio("Heaviest first")],
  ["call tree", tabOf("Call tree")],
  ["callers", tabOf("Callers")],
  ["functions", tabOf("Functions")],
  ["source", tabOf("Source")],
  ["flame graph", tabOf("Flame graph")],
]);

const app = join(dirname(require.resolve("speedscope/package.json")), "dist", "release");
const origin = "http://speedscope.test";
const measureSpeedscope = () => measure("speedscope", async (tab) => {
  await tab.route(`${origin}/**`, async (route) => {
    const path = join(app, new URL(route.request().url()).pathname.slice(1) || "index.html");
    await (existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 }));
  });
  await tab.goto(`${origin}/`);
  const start = performance.now();
  await tab.locator("input[type=file]").first().setInputFiles(scope);
  await tab.getByText("Sandwich").waitFor({ timeout: 300_000 });
  await painted(tab);
  return performance.now() - start;
}, [
  ["left heavy", (tab) => tab.getByText("Left Heavy").click()],
  ["zoom", (tab) => tab.mouse.dblclick(300, 200)],
  ["zoom out", press("0")],
  ["search, a letter at a time", async (tab) => {
    await tab.keyboard.press("Control+f");
    await tab.keyboard.type("work_12", { delay: 60 });
  }],
  ["sandwich", (tab) => tab.getByText("Sandwich").click()],
  ["time order", (tab) => tab.getByText("Time Order").click()],
]);

async function compare(recording) {
  execFileSync(viperf, ["view", "--html", page, recording], { stdio: "ignore" });
  execFileSync(viperf, ["export", "--format", "speedscope", "-i", recording, "-o", scope], { stdio: "ignore" });
  console.log(`page ${(statSync(page).size / 1e6).toFixed(1)} MB, speedscope's file ${(statSync(scope).size / 1e6).toFixed(1)} MB`);
  await measureViperf();
  await measureSpeedscope();
}

if (process.argv[2]) {
  await compare(process.argv[2]);
} else {
  for (const samples of [100_000, 1_000_000]) {
    const recording = join(folder, "big.data");
    execFileSync("python3", [join(checkout, "bench", "big_recording.py"), recording, String(samples), String(samples / 5)]);
    console.log(`\n${samples.toLocaleString("en-US")} samples, ${(samples / 5).toLocaleString("en-US")} distinct stacks:`);
    await compare(recording);
  }
}

rmSync(folder, { recursive: true });
