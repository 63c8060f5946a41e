import { Kind, type Profile } from "../data/profile";
import { samplesIn } from "./weights";

/** What a thread did, as the time line tells it apart; the order in which it is stacked, from below. */
export enum Activity {
  Python,
  Native,
  Interpreter,
  Kernel,
  GilWait,
  CpuWait,
  Blocked,
}

export const activityCount = 7;

/** True for what takes a CPU. */
export const runs = (activity: Activity) => activity <= Activity.Kernel;

const activityOfKind: Record<Kind, Activity> = {
  [Kind.Python]: Activity.Python,
  [Kind.Native]: Activity.Native,
  [Kind.Kernel]: Activity.Kernel,
  [Kind.Interpreter]: Activity.Interpreter,
  [Kind.Wait]: Activity.Blocked,
  [Kind.Unknown]: Activity.Native,
};

/** By stack of the profile, what its samples stand for: what the innermost frame is, the interpreter's own plumbing aside. */
export function activities(profile: Profile): Uint8Array {
  const mode = profile.modes.includes("mixed") ? "mixed" : profile.modes[0]!;
  const nodes = profile.stacks[mode];
  const { frame } = profile.trees[mode];
  const result = new Uint8Array(nodes.length);
  for (let stack = 0; stack < nodes.length; stack++) {
    if (nodes[stack]! < 0) {
      result[stack] = Activity.Native;
      continue;
    }

    const fn = profile.frames.function[frame[nodes[stack]!]!]!;
    const name = profile.functionNames[fn]!;
    result[stack] = name === "[GIL wait]" ? Activity.GilWait
      : name === "[waiting for a CPU]" ? Activity.CpuWait
      : activityOfKind[profile.functions.kind[fn]! as Kind];
  }

  return result;
}

/** How much of each of a number of equal parts of the whole time the threads spent on what. */
export interface Lanes {
  /** Number of parts. */
  parts: number;

  /** Nanoseconds or events of a part: that of one thread which did nothing else. */
  full: number;

  /** By thread, `parts` times `activityCount` weights. */
  threads: Float32Array[];

  /** By thread, what all its samples weigh. */
  totals: Float64Array;
}

/** Sums an event's samples up, thread by thread. Of clocks a sample stands for the time before it, which may be several parts. */
export function lanesOf(profile: Profile, ofStack: Uint8Array, event: number, parts: number): Lanes {
  const { time, thread, stack, weight, event: events } = profile.samples;
  const perPart = Math.max(profile.duration, 1) / parts;
  const isClock = profile.events[event]!.isClock;
  const threads = profile.threads.map(() => new Float32Array(parts * activityCount));
  const totals = new Float64Array(profile.threads.length);
  const [, end] = samplesIn(profile, null);
  for (let i = 0; i < end; i++) {
    if (events[i] !== event) {
      continue;
    }

    const lane = threads[thread[i]!]!;
    const activity = ofStack[stack[i]!]!;
    let rest = weight[i]!;
    totals[thread[i]!]! += rest;
    let part = Math.min(parts - 1, Math.floor(time[i]! / perPart));
    let room = isClock ? time[i]! - part * perPart : Infinity;
    for (; rest > room && part > 0; part--) {
      lane[part * activityCount + activity]! += room;
      rest -= room;
      room = perPart;
    }

    lane[part * activityCount + activity]! += rest;
  }

  let full = perPart;
  if (!isClock) {
    full = 1;
    for (const lane of threads) {
      for (let part = 0; part < parts; part++) {
        let sum = 0;
        for (let activity = 0; activity < activityCount; activity++) {
          sum += lane[part * activityCount + activity]!;
        }

        full = Math.max(full, sum);
      }
    }
  }

  return { parts, full, threads, totals };
}

/** Several threads' lanes as one. */
export function sumOfLanes(lanes: Lanes, threads: readonly number[]): Float32Array {
  const sum = new Float32Array(lanes.parts * activityCount);
  for (const thread of threads) {
    const lane = lanes.threads[thread]!;
    for (let i = 0; i < sum.length; i++) {
      sum[i]! += lane[i]!;
    }
  }

  return sum;
}
