import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { watch } from "./support/quiet.ts";
import { pathOf } from "./support/recordings.ts";
import { fragment, open, pageOf, show } from "./support/viewer.ts";

const script = "</script><img src=x onerror=alert(1)>";

test.skip(() => !pathOf("markup"), "no Python");

test("names that are markup are text in every view", async ({ page }) => {
  const watched = watch(page, (url) => url.startsWith("file:") || url.startsWith("data:"));
  await page.setViewportSize({ width: 1280, height: 2000 });
  await open(page, "markup", "mode=python");
  for (const view of ["Call tree", "Callers", "Functions"]) {
    await show(page, view);
    await expect(page.getByText(script).first()).toBeVisible();
  }

  await show(page, "Source");
  await page.getByRole("combobox", { name: "File" }).selectOption({ index: 0 });
  await expect(page.locator(".lane-title").first()).toHaveText(`<b>&"'</b>`);
  await page.getByRole("searchbox").fill(script);
  await show(page, "Functions");
  await page.locator(".table .row").first().click();
  await expect(page.locator(".details-name")).toContainText(script);
  await page.locator(".table .row").first().click({ button: "right" });
  await expect(page.locator(".menu-title")).toContainText(script);
  await page.getByRole("menuitem", { name: "Focus" }).click();
  await expect(page.locator(".chip")).toContainText(script);
  expect((await fragment(page)).get("focus")).toContain(script);
  await page.reload();
  await expect(page.locator(".chip")).toContainText(script);
  expect(await page.locator("img").count()).toBe(0);
  watched.expectNothing();
});

test("nothing of the profile is in the page's own markup", () => {
  const hostile = readFileSync(pageOf("markup"), "utf8");
  const place = '<div id="profile" hidden>';
  const start = hostile.indexOf(place) + place.length;
  const end = hostile.indexOf("</div>", start);
  expect(hostile.slice(start, end)).toMatch(/^(<script type="application\/octet-stream">[A-Za-z0-9+/]+=*<\/script>)+$/);
  expect(hostile.slice(0, start) + hostile.slice(end)).not.toContain("onerror");
});

test("the page's policy lets no other script run and nothing be sent", async ({ page }) => {
  await open(page, "markup");
  const refused: string[] = [];
  page.on("console", (message) => refused.push(message.text()));
  await page.evaluate(() => {
    const element = document.createElement("script");
    element.textContent = "window.wasRun = true";
    document.body.append(element);
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/pixel";
    document.body.append(image);
  });
  await expect.poll(() => refused.length).toBeGreaterThan(1);
  expect(await page.evaluate(() => "wasRun" in window)).toBe(false);
});

test("an address that means nothing opens the page as usual", async ({ page }) => {
  const watched = watch(page, (url) => url.startsWith("file:") || url.startsWith("data:"));
  await open(page, "markup",
    "view=nothing&mode=x&range=9-1&threads=1,2,x&zoom=none&focus=none&selected=%3Cb%3E&file=/etc/passwd&line=-4&event=77&search=%2F(%2F&theme=%22%3E");
  await expect(page.getByRole("tab", { name: "Flame graph" })).toHaveAttribute("aria-selected", "true");
  watched.expectNothing();
});
