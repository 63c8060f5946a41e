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

/** The functions of all profiles that the file holds, one profile after the other. */
export async function functions(page: Page): Promise<Row[]> {
  await page.getByText("Sandwich").click();
  const rows: Row[] = [];
  const shown = page.getByText(/\(\d+\/\d+\)$/).first(); // such as python3 (2/4); a single one has no number
  const [, first = 1, count = 1] = (/\((\d+)\/(\d+)\)$/.exec((await shown.count()) > 0 ? (await shown.textContent())! : "") ?? []).map(Number);
  for (let back = first; back > 1; back--) {
    await page.keyboard.press("p");
  }

  for (let index = 1; index <= count; index++) {
    if (count > 1) {
      await page.getByText(`(${index}/${count})`).first().waitFor();
    }

    rows.push(...await rowsOf(page));
    await page.keyboard.press("n");
  }

  return rows;
}

/** The rows of the table that is shown. Only those that can be seen are there, so they are taken while they scroll by. */
async function rowsOf(page: Page): Promise<Row[]> {
  const first = page.locator("tr:visible:has(td:nth-child(3))").first();
  await first.waitFor();
  return first.evaluate(async (row) => {
    let list: Element = row;
    while (list.parentElement && !/auto|scroll/.test(getComputedStyle(list).overflowY)) {
      list = list.parentElement;
    }

    const rows = new Map<number, { name: string; self: string; total: string }>();
    for (let top = 0; top === 0 || top < list.scrollHeight; top += 200) {
      list.scrollTop = top;
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const one of list.querySelectorAll("tr")) {
        const [total, self, name] = [...one.querySelectorAll("td")].map((cell) => cell.textContent ?? "");
        if (name !== undefined) {
          rows.set(Math.round(one.getBoundingClientRect().top + list.scrollTop), { name, self: self!, total: total! });
        }
      }
    }

    return [...rows.values()];
  });
}
