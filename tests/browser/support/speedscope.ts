import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";

const app = join(dirname(createRequire(import.meta.url).resolve("speedscope/package.json")), "dist", "release");
const origin = "http://speedscope.test";

/** A row of speedscope's table of functions. */
export interface Row {
  name: string;
  /** As it stands there, such as 12.34ms. */
  self: string;
  total: string;
}

/** Opens a file in speedscope, the one of the npm package, which is whole and needs no network. */
export async function open(page: Page, file: string): Promise<void> {
  await page.route(origin + "/**", async (route) => {
    const path = join(app, new URL(route.request().url()).pathname.slice(1) || "index.html");
    await (existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 }));
  });
  await page.goto(origin + "/");
  await page.locator("input[type=file]").first().setInputFiles(file);
  await page.getByText("Sandwich").waitFor();
}

/** All functions of the profile that is shown. */
export async function functions(page: Page): Promise<Row[]> {
  await page.getByText("Sandwich").click();
  await page.setViewportSize({ width: 1280, height: 20_000 }); // the table has only rows that can be seen
  await page.locator("tr").nth(1).waitFor();
  return page.locator("tr").evaluateAll((rows) => rows
    .map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? ""))
    .filter((cells) => cells.length >= 3)
    .map(([self, total, name]) => ({ name: name!, self: self!, total: total! })));
}
