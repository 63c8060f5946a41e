import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { watch } from "./support/quiet.ts";
import { exported, pathOf, recordings } from "./support/recordings.ts";
import { sumOf } from "./support/viperf.ts";

const recording = recordings.map((one) => one.name).find((name) => name.startsWith("threads-") && pathOf(name) !== undefined);

/** A box by the beginning of its name. */
function box(page: Page, name: string): Locator {
  return page.locator(".box", { has: page.locator("title", { hasText: new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`) }) }).first();
}

function share(text: string | null): number {
  return Number(/([\d.]+) %/.exec(text ?? "")?.[1]);
}

test.describe("a flame graph", () => {
  test.beforeEach(async ({ page }) => {
    test.skip(!recording, "no Python");
    await page.goto(pathToFileURL(exported(recording!, "flamegraph")).href);
  });

  test("has all samples in its first box", async ({ page }) => {
    const sum = sumOf(pathOf(recording!)!);
    const time = sum.period >= 1e9 ? `${sum.period / 1e9} s` : `${sum.period / 1e6} ms`;
    await expect(page.locator(".box title").first()).toHaveText(`all\n100.00 %, ${time}, ${sum.samples.toLocaleString("en-US")} samples`, { useInnerText: false });
  });

  test("fits the window, and labels fit their boxes", async ({ page }) => {
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 700 });
      await expect.poll(() => page.evaluate(() => document.documentElement.getBoundingClientRect().width)).toBe(width);
      await expect.poll(() => page.locator(".box").evaluateAll((boxes) => boxes.filter((one) =>
        (one.lastElementChild as SVGTextElement).getComputedTextLength() > one.getBoundingClientRect().width).length)).toBe(0);
    }
  });

  test("makes what is clicked as wide as the picture, and goes back", async ({ page }) => {
    const red = box(page, "red (threads.py:10)");
    const before = (await red.getAttribute("width"))!;
    expect(before).not.toBe("100%");
    const other = box(page, "green (threads.py:16)");

    await red.click();

    await expect(red).toHaveAttribute("width", "100%");
    await expect(other).toBeHidden();
    await expect(page.locator(".facts")).toContainText("red (threads.py:10): ");
    await page.getByRole("button", { name: "Reset zoom" }).click();
    await expect(red).toHaveAttribute("width", before);
    await expect(other).toBeVisible();
  });

  test("searches by expression, or by text where that is none, and tells the share", async ({ page }) => {
    const red = box(page, "red (threads.py:10)");
    await page.keyboard.press("Control+f");
    await page.keyboard.type("^red \\(threads");

    const titles = await page.locator(".box title").evaluateAll((titles) => titles.map((title) => title.textContent ?? ""));
    const red100 = titles.filter((title) => title.startsWith("red (threads.py:10)\n")).reduce((sum, title) => sum + share(title), 0);
    await expect(red).toHaveClass(/hit/);
    expect(Math.abs(share(await page.locator("output").textContent()) - red100)).toBeLessThan(0.05);

    await page.keyboard.press("Control+a");
    await page.keyboard.type("(threads.py:1");
    await expect(red).toHaveClass(/hit/);
    await expect(page.locator("output")).toContainText("% matched");

    await page.keyboard.press("Escape");
    await expect(page.locator(".hit")).toHaveCount(0);
    await expect(page.locator("output")).toHaveText("");
  });

  test("is used by the keyboard alone", async ({ page }) => {
    const focused = () => page.evaluate(() => document.activeElement?.querySelector("title")?.textContent?.split("\n")[0]);
    await page.locator(".box").first().focus();
    await page.keyboard.press("ArrowDown");
    const first = await focused();
    expect(first).not.toBe("all");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).not.toBe(first);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Reset zoom" })).toBeEnabled();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: "Reset zoom" })).toBeDisabled();
    await page.keyboard.press("Home");
    expect(await focused()).toBe("all");
  });

  test("has its colours in light and dark", async ({ page }) => {
    const colours = () => page.evaluate(() => [".ground", ".box text", ".box .py"].map((one) => getComputedStyle(document.querySelector(one)!).fill));
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colours();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await colours();
    for (const [index, colour] of light.entries()) {
      expect(dark[index]).not.toBe(colour);
    }
  });
});

const embeddings: Record<string, (svg: string, href: string) => string> = {
  "in a frame": (_, href) => `<iframe src="${href}" width="900" height="500"></iframe>`,
  "as an image": (_, href) => `<img src="${href}">`,
  "in the page itself": (svg) => svg,
};

for (const [how, embed] of Object.entries(embeddings)) {
  test(`a flame graph stands in a page ${how}`, async ({ page }) => {
    test.skip(!recording, "no Python");
    const file = exported(recording!, "flamegraph");
    const watched = watch(page, (url) => url.startsWith("http://page.test/") && !url.endsWith("/x"));
    await page.route("http://page.test/**", (route) => route.request().url().endsWith(".svg")
      ? route.fulfill({ path: file, contentType: "image/svg+xml" })
      : route.fulfill({ contentType: "text/html; charset=utf-8", body: `<!DOCTYPE html><link rel="icon" href="data:,"><p>before</p>${embed(readFileSync(file, "utf8"), "graph.svg")}` }));

    await page.goto("http://page.test/");

    const height = await page.evaluate(() => document.querySelector("iframe, img, .viperf-flame")!.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(200);
    if (how === "in the page itself") {
      await page.locator(".box").nth(1).click();
      await expect(page.getByRole("button", { name: "Reset zoom" })).toBeAttached();
      await page.locator("p").click();
      await page.keyboard.press("/"); // the page's, not the picture's
      expect(await page.evaluate(() => document.activeElement?.localName)).not.toBe("input");
    } else if (how === "in a frame") {
      await page.frameLocator("iframe").locator(".box").nth(1).click();
    }

    watched.expectNothing();
  });
}

for (const how of ["alone", "in the page itself"]) {
  test(`names that are markup are text in a flame graph ${how}`, async ({ page }) => {
    test.skip(!pathOf("markup"), "no Python");
    const file = exported("markup", "flamegraph");
    const watched = watch(page, (url) => url === "http://page.test/");
    const svg = readFileSync(file, "utf8");
    await page.route("http://page.test/", (route) => how === "alone"
      ? route.fulfill({ contentType: "image/svg+xml", body: svg })
      : route.fulfill({ contentType: "text/html; charset=utf-8", body: `<!DOCTYPE html><link rel="icon" href="data:,">${svg}` }));

    await page.goto("http://page.test/");

    for (const name of ["</script><img src=x onerror=alert(1)>", "]]></style></svg><script>alert(2)</script>", "\"'`;${alert(3)}--", "two?lines; three", "x".repeat(2000)]) {
      const hostile = box(page, name);
      await hostile.click();
      await expect(page.locator(".facts")).toContainText(name);
      await page.keyboard.press("Escape");
    }

    expect(await page.locator("img").count()).toBe(0);
    watched.expectNothing();
  });
}
