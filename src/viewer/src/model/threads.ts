import type { ThreadSamples } from "../draw/layout";
import type { Profile } from "../data/profile";

let last: { profile: Profile; thread: number; event: number; samples: ThreadSamples } | null = null;

/** The samples of one thread and event in the order of time; the last answer is kept. */
export function samplesOfThread(profile: Profile, thread: number, event: number): ThreadSamples {
  if (last?.profile !== profile || last.thread !== thread || last.event !== event) {
    last = { profile, thread, event, samples: findSamples(profile, thread, event) };
  }

  return last.samples;
}

function findSamples(profile: Profile, thread: number, event: number): ThreadSamples {
  const { count, thread: threads, event: events, time: times, weight, stack: stacks } = profile.samples;
  const isClock = profile.events[event]!.isClock;
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    if (threads[i] === thread && events[i] === event) {
      found.push(i);
    }
  }

  const time = new Float64Array(found.length);
  const span = new Float64Array(found.length);
  const stack = new Int32Array(found.length);
  for (let at = 0; at < found.length; at++) {
    const i = found[at]!;
    time[at] = times[i]!;
    span[at] = isClock ? weight[i]! : 0;
    stack[at] = stacks[i]!;
  }

  return { time, span, stack };
}

/** Of some threads (null for all) the one whose samples of an event weigh most. */
export function busiestOf(profile: Profile, event: number, threads: readonly number[] | null): number {
  if (threads?.length === 1) {
    return threads[0]!;
  }

  const sums = weightsOfThreads(profile, event);
  return (threads ?? profile.threads.map((_, index) => index)).reduce((most, index) => (sums[index]! > sums[most]! ? index : most));
}

const weightsByEvent = new WeakMap<Profile, Map<number, Float64Array>>();

/** By thread, what all its samples of an event weigh; added up once. */
function weightsOfThreads(profile: Profile, event: number): Float64Array {
  let byEvent = weightsByEvent.get(profile);
  if (!byEvent) {
    weightsByEvent.set(profile, (byEvent = new Map()));
  }

  let sums = byEvent.get(event);
  if (!sums) {
    const { thread, weight, event: events, count } = profile.samples;
    sums = new Float64Array(profile.threads.length);
    for (let i = 0; i < count; i++) {
      if (events[i] === event) {
        sums[thread[i]!]! += weight[i]!;
      }
    }

    byEvent.set(event, sums);
  }

  return sums;
}
