import { defineConfig } from "@playwright/test";

const results = process.env.VIPERF_BROWSER_RESULTS;

export default defineConfig({
  testDir: ".",
  globalSetup: "./support/global-setup.ts",
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  reporter: results ? [["junit", { outputFile: results }], ["list"]] : "list",
  use: {
    launchOptions: {
      executablePath: process.env.VIPERF_CHROMIUM ?? "/usr/bin/chromium",
      // root, as in containers, has no sandbox
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
    viewport: { width: 1280, height: 720 },
  },
});
