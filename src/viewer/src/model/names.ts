import { Kind, type Profile } from "../data/profile";

/** Names of functions, and of modules that stand for all their functions: these come behind the functions. */
export class Names {
  private lower: string[] | null = null;
  private keys: Map<string, number> | null = null;

  constructor(private readonly profile: Profile) {}

  /** Number of functions and modules. */
  get count(): number {
    return this.profile.functions.count + this.profile.modules.length;
  }

  isModule(fn: number): boolean {
    return fn >= this.profile.functions.count;
  }

  name(fn: number): string {
    return this.isModule(fn) ? this.module(fn) : this.profile.functionNames[fn]!;
  }

  moduleIndex(fn: number): number {
    return this.isModule(fn) ? fn - this.profile.functions.count : this.profile.functions.module[fn]!;
  }

  module(fn: number): string {
    return this.profile.modules[this.moduleIndex(fn)]!;
  }

  kind(fn: number): Kind {
    return this.isModule(fn) ? Kind.Native : this.profile.functions.kind[fn]!;
  }

  /** Index of the function's file, or -1. */
  file(fn: number): number {
    return this.isModule(fn) ? -1 : this.profile.functions.file[fn]!;
  }

  /** Where it is: its file and line as far as they are known, else its module; empty where that says nothing. */
  place(fn: number): string {
    if (this.isModule(fn)) {
      return "all its functions";
    }

    const file = this.file(fn);
    const line = this.profile.functions.line[fn]!;
    const kind = this.kind(fn);
    return kind === Kind.Interpreter || kind === Kind.Wait || kind === Kind.Unknown ? ""
      : kind === Kind.Python && file >= 0 ? `${this.profile.files[file]!.name}${line > 0 ? `:${line}` : ""}`
      : this.module(fn);
  }

  /** The name with its place. */
  title(fn: number): string {
    const place = this.place(fn);
    return place === "" ? this.name(fn) : `${this.name(fn)} (${place})`;
  }

  /** What a function is called in addresses of the page, and found by again. */
  key(fn: number): string {
    return this.title(fn);
  }

  /** The function that a key means; undefined if there is none. */
  find(key: string): number | undefined {
    if (!this.keys) {
      this.keys = new Map();
      for (let fn = this.count - 1; fn >= 0; fn--) {
        this.keys.set(this.key(fn), fn);
      }
    }

    return this.keys.get(key);
  }

  /**
   * The functions whose name, file or module has a text in it, whatever the case; `/…/` is a regular expression. 1 for each that
   * does; null for no text, or for an expression that is none.
   */
  match(query: string): Uint8Array | null {
    const text = query.trim();
    if (text === "") {
      return null;
    }

    const expression = expressionOf(text);
    if (expression === undefined) {
      return null;
    }

    const lowerText = text.toLowerCase();
    const lower = (this.lower ??= Array.from({ length: this.count }, (_, fn) => this.title(fn).toLowerCase()));
    const matches = new Uint8Array(this.count);
    for (let fn = 0; fn < this.count; fn++) {
      matches[fn] = (expression ? expression.test(this.title(fn)) : lower[fn]!.includes(lowerText)) ? 1 : 0;
    }

    return matches;
  }
}

/** The expression that a query is; null for plain text, undefined for one that is no expression. */
function expressionOf(text: string): RegExp | null | undefined {
  if (text.length < 3 || !text.startsWith("/") || !text.endsWith("/")) {
    return null;
  }

  try {
    return new RegExp(text.slice(1, -1), "iu");
  } catch {
    return undefined;
  }
}
