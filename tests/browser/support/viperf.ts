import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const checkout = join(import.meta.dirname, "..", "..", "..");

/** The program under test: VIPERF_BINARY, or where the launcher puts it. */
export const binary = process.env.VIPERF_BINARY || join(checkout, "artifacts", "viperf", "viperf");

/** The path of one of the programs that tests record. */
export function workload(name: string): string {
  return join(checkout, "tests", "workloads", name);
}

/** Runs viperf, and returns what it writes to its standard output. */
export function viperf(...args: string[]): string {
  if (!existsSync(binary)) {
    throw new Error(`no viperf at ${binary}: ./viperf --version builds it`);
  }

  return execFileSync(binary, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
}

/** What samples come to. */
export interface Sum {
  samples: number;
  /** Nanoseconds. */
  period: number;
}

/** The sum of all of a recording's samples, as `viperf script` lists them. */
export function sumOf(data: string): Sum {
  const periods = viperf("script", "-F", "period", "-i", data).split("\n").filter((line) => line.trim() !== "").map(Number);
  return { samples: periods.length, period: periods.reduce((sum, period) => sum + period, 0) };
}
