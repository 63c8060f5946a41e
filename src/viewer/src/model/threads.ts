import type { ThreadSamples } from "../draw/layout";
import type { Profile } from "../data/profile";

/** The samples of one thread and event in the order of time. */
export function samplesOfThread(profile: Profile, thread: number, event: number): ThreadSamples {
  const { samples } = profile;
  const isClock = profile.events[event]!.isClock;
  let count = 0;
  const isOf = (i: number) => samples.thread[i] === thread && samples.event[i] === event;
  for (let i = 0; i < samples.count; i++) {
    count += isOf(i) ? 1 : 0;
  }

  const time = new Float64Array(count);
  const span = new Float64Array(count);
  const stack = new Int32Array(count);
  for (let i = 0, at = 0; i < samples.count; i++) {
    if (isOf(i)) {
      time[at] = samples.time[i]!;
      span[at] = isClock ? samples.weight[i]! : 0;
      stack[at++] = samples.stack[i]!;
    }
  }

  return { time, span, stack };
}

/** Of some threads (null for all) the one whose samples of an event weigh most. */
export function busiestOf(profile: Profile, event: number, threads: readonly number[] | null): number {
  if (threads?.length === 1) {
    return threads[0]!;
  }

  const { thread, weight, event: events } = profile.samples;
  const sums = new Float64Array(profile.threads.length);
  for (let i = 0; i < thread.length; i++) {
    if (events[i] === event) {
      sums[thread[i]!]! += weight[i]!;
    }
  }

  return (threads ?? profile.threads.map((_, index) => index)).reduce((most, index) => (sums[index]! > sums[most]! ? index : most));
}
