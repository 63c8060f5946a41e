import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { pathOf, recordings } from "./support/recordings.ts";
import { open } from "./support/viewer.ts";

const name = recordings.find((one) => pathOf(one.name))?.name ?? "";
const views = ["flame", "tree", "callers", "functions", "source", "stacks", "about"];

test.skip(() => name === "" && !pathOf("threads-3.11.7") && !pathOf("wall"), "no Python");

const some = () => recordings.find((one) => pathOf(one.name))!.name;

for (const theme of ["light", "dark"]) {
  for (const view of views) {
    test(`the view ${view} is legible and has names, ${theme}`, async ({ page }) => {
      await open(page, some(), `view=${view}&theme=${theme}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join("; ")}`)).toEqual([]);
    });
  }
}

for (const view of views) {
  test(`the view ${view} fits 360 pixels`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, some(), `view=${view}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
}

test("every part is reached by the tabulator, and no place keeps it", async ({ page }) => {
  await open(page, some());
  const met = new Set<string>();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    met.add(await page.evaluate(() => {
      const at = document.activeElement!;
      return at.getAttribute("role") ?? at.tagName.toLowerCase();
    }));
  }

  for (const part of ["slider", "grid", "radio", "input", "tab", "application", "button"]) {
    expect([...met]).toContain(part);
  }
});
