import { readContainer, type Indexes } from "./container";

/** How much of a Python program's stacks is shown, as of `--stacks`. */
export type Mode = "python" | "mixed" | "native";

/** What kind of code a function is; the numbers are those of `FrameKind` in Viperf.Core. */
export enum Kind {
  Python,
  Native,
  Kernel,
  Interpreter,
  Wait,
  Unknown,
}

export interface ProfileEvent {
  name: string;

  /** True if weights are nanoseconds, false if they are events. */
  isClock: boolean;
}

export interface Thread {
  pid: number;
  tid: number;
  name: string;
  process: string;
}

/** A file of source that functions lie in. */
export interface SourceFile {
  /** As people know it. */
  name: string;

  /** As the interpreter or the compiler calls it. */
  path: string;

  /** Its lines divided by line feeds, made harmless to look at; null where it was not to be had or not to be embedded. */
  text: string | null;

  /** Why there is no text, or what is to be known about it; null for neither. */
  note: string | null;
}

/** Samples whose stacks end for one reason, or places that have no name for one reason, and what would help. */
export interface QualityGroup {
  samples: number;
  reason: string;
  remedy: string | null;
  isGood: boolean;
}

export interface Quality {
  /** Samples with a stack of the program. */
  samples: number;
  complete: number;

  /** Samples that have none, such as those of the kernel's own threads. */
  withoutUser: number;
  stacks: QualityGroup[];

  /** Samples at places without a function's name. */
  names: QualityGroup[];
}

interface Header {
  columns: { name: string; count: number; start: number }[];
  title: string;

  /** What is known of the recording, in the order in which it is shown: name and value. */
  facts: [string, string][];
  warnings: string[];
  events: ProfileEvent[];
  modes: Mode[];
  mode: Mode;
  threads: Thread[];
  functionNames: string[];
  modules: string[];
  files: SourceFile[];
  quality: Quality[];
}

/**
 * Stacks as a prefix tree: a node is a frame, which is a function at a line, and its caller's node. Nodes are in the order in which
 * one walks the tree: behind each come all that it called, and of these those of one function follow each other.
 */
export interface StackTree {
  /** Node of the caller, -1 for none. */
  parent: Int32Array;
  frame: Int32Array;
}

/** A profile as it was in the page. Nothing changes it. */
export interface Profile extends Omit<Header, "columns"> {
  functions: {
    count: number;
    kind: Int32Array;

    /** Index in `modules`. */
    module: Int32Array;

    /** Index in `files`, or -1. */
    file: Int32Array;

    /** The line that the definition begins at; 0 where it is not known. */
    line: Int32Array;
  };
  frames: {
    function: Int32Array;

    /** 0 where it is not known. */
    line: Int32Array;
  };

  /** Distinct stacks of samples: by mode the node of its tree, -1 for a stack without frames. */
  stacks: Record<Mode, Int32Array>;
  stackCount: number;
  trees: Record<Mode, StackTree>;

  /** Nodes of the largest of the trees. */
  mostNodes: number;
  samples: {
    count: number;

    /** Nanoseconds since the first sample, ascending. */
    time: Float64Array;

    /** Index in `threads`. */
    thread: Indexes;

    /** Index in `stacks`. */
    stack: Indexes;

    /** Nanoseconds or events. */
    weight: Float64Array;

    /** Index in `events`. */
    event: Indexes;
  };

  /** Nanoseconds from the first sample to the last one. */
  duration: number;
}

/** Reads the profile that the page carries; stacks of a mode when they are first looked at. */
export async function readProfile(pieces: string[]): Promise<Profile> {
  const { header, count, ints, indexes, numbers } = await readContainer<Header>(pieces);
  const { columns: _, ...told } = header;
  const time = numbers("sample.time");
  return {
    ...told,
    functions: {
      count: header.functionNames.length,
      kind: ints("function.kind"),
      module: ints("function.module"),
      file: ints("function.file"),
      line: ints("function.line"),
    },
    frames: { function: ints("frame.function"), line: ints("frame.line") },
    stacks: byMode(header.modes, (mode) => ints(`stack.${mode}`)),
    stackCount: count(`stack.${header.mode}`),
    trees: byMode(header.modes, (mode) => ({ parent: ints(`${mode}.parent`), frame: ints(`${mode}.frame`) })),
    mostNodes: Math.max(...header.modes.map((mode) => count(`${mode}.parent`))),
    samples: {
      count: time.length,
      time,
      thread: indexes("sample.thread", header.threads.length),
      stack: indexes("sample.stack", count(`stack.${header.mode}`)),
      weight: numbers("sample.weight"),
      event: header.events.length > 1 ? indexes("sample.event", header.events.length) : new Uint8Array(time.length),
    },
    duration: time.at(-1) ?? 0,
  };
}

/** Something of each mode, made when it is first asked for. */
function byMode<T>(modes: readonly Mode[], make: (mode: Mode) => T): Record<Mode, T> {
  const made = new Map<Mode, T>();
  const result = {};
  for (const mode of modes) {
    Object.defineProperty(result, mode, {
      get: () => {
        if (!made.has(mode)) {
          made.set(mode, make(mode));
        }

        return made.get(mode);
      },
    });
  }

  return result as Record<Mode, T>;
}
