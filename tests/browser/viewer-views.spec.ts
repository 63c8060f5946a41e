import { expect, test, type Page } from "@playwright/test";
import { pathOf, recordings } from "./support/recordings.ts";
import { sumOf } from "./support/viperf.ts";
import { colours, flame, fragment, open, selectedSamples, show } from "./support/viewer.ts";
import { watch } from "./support/quiet.ts";

/** Shares are told in tenths of a percent: none is further off. */
const HALF_STEP = 0.05;

/** Points at the first box of the flame graph, as the keyboard does. */
async function pointAtFirst(page: Page): Promise<string> {
  await flame(page).focus();
  await page.keyboard.press("ArrowDown");
  return (await page.locator(".details-name .function").textContent())!;
}

for (const { name, isWhole } of recordings) {
  test.describe(name, () => {
    test.skip(() => !pathOf(name), "its Python is not there");

    test("every view opens, and nothing else happens", async ({ page }) => {
      const watched = watch(page, (url) => url.startsWith("file:") || url.startsWith("data:"));
      await open(page, name);
      expect(await selectedSamples(page)).toBe(sumOf(pathOf(name)!).samples);
      for (const view of ["Flame graph", "Call tree", "Callers", "Functions", "Source", "Stacks", "About"]) {
        await show(page, view);
        await expect(page.getByRole("tabpanel")).not.toBeEmpty();
      }

      for (const mode of ["Python", "Native", "Mixed"]) {
        await page.getByRole("radio", { name: mode, exact: true }).click();
        for (const view of ["Flame graph", "Call tree", "Callers", "Functions", "Source"]) {
          await show(page, view);
          await expect(page.getByRole("tabpanel")).not.toBeEmpty();
        }

        expect(await selectedSamples(page)).toBe(sumOf(pathOf(name)!).samples);
      }

      watched.expectNothing();
    });

    if (!isWhole) {
      return; // what else its stacks are is the same
    }

    test("the flame graph is drawn, zoomed, turned, ordered and coloured", async ({ page }) => {
      await open(page, name);
      await expect.poll(async () => (await colours(flame(page))).size).toBeGreaterThan(10);

      const first = await pointAtFirst(page);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      const zoomed = (await fragment(page)).getAll("zoom");
      expect(zoomed.length).toBe(2);
      expect(zoomed[0]).toContain(first.split(" ")[0]!);
      await page.keyboard.press("Escape");
      expect((await fragment(page)).has("zoom")).toBe(false);

      for (const choice of ["Flame", "By time", "Module", "Change"]) {
        await page.getByRole("radio", { name: choice, exact: true }).click();
        await expect(page.getByRole("radio", { name: choice, exact: true })).toBeChecked();
        await expect.poll(async () => (await colours(flame(page))).size).toBeGreaterThan(2);
      }

      expect((await fragment(page)).get("colour")).toBe("change");
      await page.reload();
      for (const choice of ["Flame", "By time", "Change"]) {
        await expect(page.getByRole("radio", { name: choice, exact: true })).toBeChecked();
      }
    });

    test("by time, boxes are drawn where they are pointed at", async ({ page }) => {
      await page.setViewportSize({ width: 400, height: 800 }); // where boxes are a pixel or two wide
      await open(page, name, "order=time");
      await expect.poll(async () => (await colours(flame(page))).size).toBeGreaterThan(2);
      const places = await flame(page).evaluate(async (element) => {
        const canvas = element as HTMLCanvasElement;
        const { left, top, width } = canvas.getBoundingClientRect();
        const drawn = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height); // before anything is outlined
        const isDrawnAt = (x: number, y: number) => drawn.data.subarray(4 * (y * drawn.width + x)).slice(0, 3).some((part) => part !== 255);
        const places: { at: number; row: number; isBox: boolean; isDrawn: boolean }[] = [];
        for (const row of [70, 90, 110]) {
          for (let at = 1; at < width; at += 2) {
            const point = { bubbles: true, clientX: left + at + 0.5, clientY: top + row };
            canvas.dispatchEvent(new PointerEvent("pointermove", point));
            await new Promise(requestAnimationFrame);
            const isBox = document.querySelector(".details")!.textContent!.includes("here ");
            const isGap = isBox && !isDrawnAt(at, row); // perhaps: a box's last pixel is the gap to the next one
            places.push({ at, row, isBox, isDrawn: isDrawnAt(isGap ? at - 1 : at, row) });
          }
        }

        return places;
      });
      expect(places.filter(({ isBox, isDrawn }) => isBox !== isDrawn)).toEqual([]);
      expect(places.filter(({ isBox }) => isBox).length).toBeGreaterThan(20);
    });

    test("a click zooms, and a menu focuses, hides and collapses", async ({ page }) => {
      await open(page, name);
      const box = (await flame(page).boundingBox())!;
      await flame(page).click({ position: { x: box.width / 4, y: 30 } });
      expect((await fragment(page)).has("zoom")).toBe(true);
      await page.keyboard.press("Escape");

      for (const [action, chip] of [["Focus", "focus"], ["Hide", "hidden"], ["Collapse module", "collapsed"]] as const) {
        await flame(page).click({ position: { x: box.width / 4, y: 10 }, button: "right" });
        await page.getByRole("menuitem", { name: action }).click();
        await page.getByRole("button", { name: `Take back: ${chip}` }).or(page.locator(".chip", { hasText: chip })).click();
        await expect(page.locator(".chip")).toHaveCount(0);
      }
    });

    test("a search tells its share and stays over a reload", async ({ page }) => {
      await open(page, name);
      const before = await colours(flame(page));
      await page.keyboard.press("/");
      await page.keyboard.type("module");
      await expect(page.locator("output")).toContainText("% matched");
      await expect(page.locator("output")).not.toHaveText("0% matched", { timeout: 2000 });
      await expect.poll(async () => [...(await colours(flame(page))).keys()]).not.toEqual([...before.keys()]);
      await expect.poll(async () => (await fragment(page)).get("search")).toBe("module");
      await page.reload();
      await expect(page.getByRole("searchbox")).toHaveValue("module");
      await page.getByRole("searchbox").fill("/(/");
      await expect(page.locator("output")).toHaveText("no expression");
    });

    test("a range of time is dragged, and everything follows", async ({ page }) => {
      await open(page, name);
      const all = await selectedSamples(page);
      const axis = (await page.getByRole("slider").boundingBox())!;
      await page.mouse.move(axis.x + axis.width * 0.3, axis.y + 10);
      await page.mouse.down();
      await page.mouse.move(axis.x + axis.width * 0.7, axis.y + 10, { steps: 4 });
      await page.mouse.up();
      expect((await fragment(page)).get("range")).toMatch(/^\d/);
      const some = await selectedSamples(page);
      expect(some).toBeGreaterThan(0);
      expect(some).toBeLessThan(all);
      await page.reload();
      await expect.poll(() => selectedSamples(page)).toBe(some);
      await page.getByRole("slider").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Shift+ArrowLeft");
      await page.keyboard.press("Escape");
      await expect.poll(() => selectedSamples(page)).toBe(all);
    });

    test("threads are chosen on the time line", async ({ page }) => {
      await open(page, name);
      const all = await selectedSamples(page);
      const lanes = page.locator(".lane-name");
      await lanes.last().click();
      if ((await lanes.count()) > 1) {
        expect(await selectedSamples(page)).toBeLessThan(all);
        expect((await fragment(page)).has("threads")).toBe(true);
        await page.locator(".chip", { hasText: "thread" }).click();
      }

      expect(await selectedSamples(page)).toBe(all);
    });

    test("trees open by keyboard, and lead to callers and source", async ({ page }) => {
      await open(page, name, "mode=python");
      await show(page, "Call tree");
      const tree = page.getByRole("treegrid");
      await tree.focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("*");
      const rows = await page.getByRole("row").count();
      expect(rows).toBeGreaterThan(3);
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowLeft");
      await expect(page.locator(".row.current")).toHaveCount(1);
      await page.keyboard.press("b");
      await expect(page.locator(".view-note")).toContainText("Who called");
      await page.getByRole("button", { name: "All functions" }).click();
      await expect(page.locator(".view-note")).toContainText("their own time");
    });

    test("the table of functions sorts, filters and has all the time", async ({ page }) => {
      await page.setViewportSize({ width: 1280, height: 12_000 }); // all rows are in sight
      await open(page, name, "view=functions");
      const shares = await page.locator(".row .number:first-child .share").allTextContents();
      const sum = shares.reduce((total, share) => total + (share.startsWith("<") ? HALF_STEP : Number.parseFloat(share.replace(">", ""))), 0);
      expect(Math.abs(sum - 100)).toBeLessThan(HALF_STEP * (shares.length + 1));
      await page.getByRole("columnheader", { name: "Function" }).getByRole("button").click();
      await expect(page.getByRole("columnheader", { name: "Function" })).toHaveAttribute("aria-sort", "descending");
      const before = await page.locator(".table .row").count();
      await page.getByRole("searchbox").fill("threading");
      await expect.poll(() => page.locator(".table .row").count()).toBeLessThan(before);
    });

    test("source has heat, and callers of a line", async ({ page }) => {
      await open(page, name, "mode=python&view=source");
      const files = page.getByRole("combobox", { name: "File" });
      const program = recordings.find((one) => one.name === name)!.command[0]!.split("/").at(-1)!;
      const option = files.locator("option", { hasText: program }).first();
      await files.selectOption(await option.getAttribute("value"));
      await expect(page.locator(".heat, .heat-total").filter({ hasText: /\d/ }).first()).toBeVisible();
      await expect(page.locator(".row.current")).toHaveCount(1);
      await expect(page.locator(".code .tok-keyword").first()).toBeVisible();
      await page.getByRole("grid", { name: program }).focus();
      await page.keyboard.press("n");
      await expect(page.locator(".line-callers h2")).toContainText("was reached from");
    });

    test("it tells of its stacks and of itself", async ({ page }) => {
      await open(page, name, "view=stacks");
      await expect(page.getByRole("tabpanel")).toContainText(/% of [\d,]+ stacks are complete/);
      await show(page, "About");
      await expect(page.getByRole("tabpanel")).toContainText("cpu-clock");
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog")).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toBeHidden();
    });
  });
}
