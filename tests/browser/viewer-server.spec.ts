import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";
import { watch } from "./support/quiet.ts";
import { pathOf } from "./support/recordings.ts";
import { binary } from "./support/viperf.ts";

test.skip(() => !pathOf("markup"), "no Python");

test("the served page opens, and asks for nothing but itself", async ({ page }) => {
  const server = spawn(binary, ["view", "--no-open", pathOf("markup")!], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = "";
      const read = (chunk: Buffer) => {
        text += chunk.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(text);
        if (found) {
          resolve(found[0]);
        }
      };
      server.stdout.on("data", read);
      server.stderr.on("data", read);
      server.on("exit", () => reject(new Error(text)));
    });
    const watched = watch(page, (one) => one === url || one.startsWith("data:"));
    await page.goto(url);
    await expect(page.getByRole("tab", { name: "Flame graph" })).toBeVisible();
    await expect(page.getByRole("application")).toBeVisible();
    watched.expectNothing();
  } finally {
    server.kill("SIGINT");
  }
});
