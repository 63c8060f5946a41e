import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { viperf, workload } from "./viperf.ts";

/** One recording that the tests share, made before them. */
export interface Recording {
  /** What tests call it. */
  name: string;
  python: string;
  options: string[];
  command: string[];

  /** True if every part of the page is tried with it. */
  isWhole: boolean;
}

const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
const system = "/usr/bin/python3";
const versions = ["3.11.7", "3.13.0"];
const pythons = new Map(versions.map((version) => [version, join(pyenv, version, "bin", "python3")] as const));
const someVersion = versions.find((version) => existsSync(pythons.get(version)!));
const somePython = someVersion ? pythons.get(someVersion)! : system;

export const recordings: Recording[] = [
  ...versions.map((version) => ({ name: `threads-${version}`, python: pythons.get(version)!, options: [], command: ["threads.py", "0.4"], isWhole: true })),
  { name: "wall", python: somePython, options: ["--mode", "wall"], command: ["capture/standing.py", "0.6"], isWhole: false },
  { name: "markup", python: somePython, options: [], command: ["markup.py", "0.5"], isWhole: false },
  // more programs than come with the tests: the page is tried with all that are in a folder
  ...(process.env.VIPERF_BROWSER_PROGRAMS ? readdirSync(process.env.VIPERF_BROWSER_PROGRAMS).filter((file) => file.endsWith(".py")) : [])
    .flatMap((file) => versions.map((version) => ({
      name: `${file}-${version}`,
      python: pythons.get(version)!,
      options: [],
      command: [join(process.env.VIPERF_BROWSER_PROGRAMS!, file)],
      isWhole: true,
    }))),
];

/** The folder of this run's recordings, which the global setup makes. */
function folder(): string {
  const path = process.env.VIPERF_BROWSER_RECORDINGS;
  if (!path) {
    throw new Error("the global setup made no recordings");
  }

  return path;
}

/** The path of a recording by its name; undefined if its Python is not there. */
export function pathOf(name: string): string | undefined {
  const path = join(folder(), name + ".data");
  return existsSync(path) ? path : undefined;
}

/** Makes all recordings whose Python is there. */
export function recordAll(): void {
  for (const { name, python, options, command: [program, ...args] } of recordings) {
    if (existsSync(python)) {
      viperf("record", "-e", "cpu-clock", "-F", "499", "--python", "capture", "--call-graph", "dwarf", ...options,
        "-o", join(folder(), name + ".data"), "--", python, isAbsolute(program!) ? program! : workload(program!), ...args);
    }
  }
}

/** What files' names end with; browsers go by that. */
const endings: Record<string, string> = { collapsed: ".folded", speedscope: ".speedscope.json", flamegraph: ".svg" };

/** Writes a recording in a format to a file beside it, and returns the file's path. */
export function exported(name: string, format: string): string {
  const path = join(folder(), name + endings[format]);
  if (!existsSync(path)) {
    viperf("export", "--format", format, "-i", pathOf(name)!, "-o", path);
  }

  return path;
}
