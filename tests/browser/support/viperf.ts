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

/** The sums of a recording's samples by thread, as `viperf script` lists them. */
export function sumsByThread(data: string): Map<number, Sum> {
  const sums = new Map<number, Sum>();
  for (const line of viperf("script", "-F", "tid,period", "-i", data).split("\n")) {
    const [tid, period] = line.trim().split(/\s+/).map(Number);
    if (tid !== undefined && period !== undefined) {
      const sum = sums.get(tid) ?? { samples: 0, period: 0 };
      sums.set(tid, { samples: sum.samples + 1, period: sum.period + period });
    }
  }

  return sums;
}

/** The sum of all of a recording's samples. */
export function sumOf(data: string): Sum {
  const sums = [...sumsByThread(data).values()];
  return {
    samples: sums.reduce((sum, one) => sum + one.samples, 0),
    period: sums.reduce((sum, one) => sum + one.period, 0),
  };
}
