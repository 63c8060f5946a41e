import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordAll } from "./recordings.ts";

/** Makes the recordings once; what it returns takes them away. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "viperf-browser-"));
  process.env.VIPERF_BROWSER_RECORDINGS = folder;
  recordAll();
  return () => rmSync(folder, { recursive: true });
}
