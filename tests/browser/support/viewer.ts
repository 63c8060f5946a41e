import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, type Locator, type Page } from "@playwright/test";
import { pathOf } from "./recordings.ts";
import { viperf } from "./viperf.ts";

/** The path of a recording's page, made when a test first asks. */
export function pageOf(name: string, ...options: string[]): string {
  const path = `${pathOf(name)!}${options.join("")}.html`;
  if (!existsSync(path)) {
    viperf("view", ...options, "--html", path, pathOf(name)!);
  }

  return path;
}

/** Opens a recording's page from the disk. */
export async function open(page: Page, name: string, fragment = ""): Promise<void> {
  await page.goto(`${pathToFileURL(pageOf(name)).href}${fragment && `#${fragment}`}`);
  await page.getByRole("tab", { name: "Flame graph" }).waitFor();
}

/** Goes to a view by its name. */
export async function show(page: Page, view: string): Promise<void> {
  await page.getByRole("tab", { name: view, exact: true }).click();
  await expect(page.getByRole("tab", { name: view, exact: true })).toHaveAttribute("aria-selected", "true");
}

/** The number of samples that are selected, as the page's top says. */
export async function selectedSamples(page: Page): Promise<number> {
  return Number(/([\d,]+) samples/.exec((await page.locator("header").textContent())!)![1]!.replaceAll(",", ""));
}

export const flame = (page: Page): Locator => page.getByRole("application");

/** Numbers of pixels by their colours, of what an element shows. */
export async function colours(canvas: Locator): Promise<Map<string, number>> {
  return new Map(await canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    const counts = new Map<string, number>();
    for (let i = 0; i < data.length; i += 4) {
      const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }

    return [...counts];
  }));
}

/** What the page's address says behind #, once it has been written: it waits a moment for more. */
export async function fragment(page: Page): Promise<URLSearchParams> {
  await page.evaluate(() => new Promise((written) => setTimeout(written, 300)));
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
}
