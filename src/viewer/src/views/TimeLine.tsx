import { useComputed } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { activityColours, activityNames } from "../draw/activities";
import { paintLane } from "../draw/lane";
import * as format from "../model/format";
import { activities, type Activity, activityCount, lanesOf, sumOfLanes, type Lanes } from "../model/lanes";
import type { Store } from "../model/store";
import { paletteOf, spoken, useStore } from "./context";
import { useSize } from "./useSize";
import { VirtualRows } from "./VirtualRows";

const laneHeight = 22;

/** Parts of the time that lanes tell apart at most, each two pixels wide or more: finer ones would show single samples. */
const mostParts = 800;

/** Parts of all threads together, which are 28 bytes each: recordings may have thousands of threads. */
const mostCells = 1_500_000;

/** A process with several threads, or a thread. */
interface Lane {
  name: string;
  id: number;
  threads: number[];
  isProcess: boolean;
}

/** What each thread did when, and which part of it everything else shows. */
export function TimeLine() {
  const store = useStore();
  const area = useRef<HTMLDivElement>(null);
  const { width } = useSize(area);
  const palette = useMemo(() => paletteOf(store), [store]);
  const ofStack = useMemo(() => activities(store.profile), [store]);
  const event = store.part("event").value;
  const parts = Math.max(1, Math.min(mostParts, Math.floor(width / 2), Math.floor(mostCells / store.profile.threads.length)));
  const lanes = useMemo(() => lanesOf(store.profile, ofStack, event, parts), [ofStack, event, parts]);
  const processes = store.part("processes").value;
  const open = useMemo(
    () => new Set(processes ?? store.profile.threads.slice(0, 1).map(({ pid }) => pid)), [processes]);
  const list = useMemo(() => lanesOfThreads(store, lanes, open), [lanes, open]);
  const [current, setCurrent] = useState(-1);
  const chosen = store.part("threads").value;
  const colours = useComputed(() => activityColours(palette.value)).value;
  const present = useMemo(() => {
    const seen = new Set<Activity>();
    store.profile.samples.stack.forEach((stack) => seen.add(ofStack[stack]!));
    return [...seen].sort((a, b) => a - b);
  }, [ofStack]);

  const isChosen = (lane: Lane) => !chosen || lane.threads.every((thread) => chosen.includes(thread));
  const toggle = (lane: Lane) => {
    const now = chosen ?? [];
    const isIn = chosen !== null && lane.threads.every((thread) => now.includes(thread));
    const next = isIn
      ? now.filter((thread) => !lane.threads.includes(thread))
      : [...new Set([...now, ...lane.threads])].sort((a, b) => a - b);
    store.set({ threads: next.length === 0 || next.length === store.profile.threads.length ? null : next });
  };

  const turn = (pid: number) => store.set({ processes: open.has(pid) ? [...open].filter((one) => one !== pid) : [...open, pid] });

  return (
    <section class="timeline" aria-label="Time line">
      <Tracks store={store} area={area}>
        <VirtualRows
          class="lanes"
          style={{ height: `${list.length * laneHeight}px` }}
          count={list.length}
          rowHeight={laneHeight}
          label="Threads"
          role="grid"
          current={current}
          onMove={setCurrent}
          onKey={(key) => {
            const lane = list[current];
            const pid = lane && store.profile.threads[lane.threads[0]!]!.pid;
            if (lane && (key.key === "Enter" || key.key === " ")) {
              toggle(lane);
            } else if (lane?.isProcess && key.key === (open.has(pid!) ? "ArrowLeft" : "ArrowRight")) {
              turn(pid!);
            } else {
              return false;
            }

            return true;
          }}
          row={(index) => {
            const lane = list[index]!;
            const pid = store.profile.threads[lane.threads[0]!]!.pid;
            return (
              <>
                <div class="lane-label" role="rowheader">
                  {lane.isProcess ? (
                    <button
                      type="button"
                      class="twist"
                      tabIndex={-1}
                      aria-expanded={open.has(pid)}
                      aria-label={`Threads of ${lane.name} ${lane.id}`}
                      onClick={() => turn(pid)}
                    >
                      {open.has(pid) ? "▾" : "▸"}
                    </button>
                  ) : <span class="twist" />}
                  <button
                    type="button"
                    tabIndex={-1}
                    class="lane-name"
                    aria-pressed={chosen !== null && isChosen(lane)}
                    title={describe(store, lanes, lane)}
                    onClick={() => toggle(lane)}
                  >
                    <bdi class="lane-title">{lane.name}</bdi> {lane.id}
                  </button>
                </div>
                <div role="gridcell" class={`lane ${isChosen(lane) ? "" : "off"}`}>
                  <LaneCanvas lanes={lanes} lane={lane} colours={colours} background={palette.value.background} />
                </div>
              </>
            );
          }}
        />
      </Tracks>
      <ul class="legend" aria-label="Colours">
        {present.map((activity) => (
          <li key={activity}>
            <span class="swatch" style={{ background: colours[activity]! }} />
            {activityNames[activity]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function describe(store: Store, lanes: Lanes, lane: Lane): string {
  const kind = lane.isProcess ? `${lane.threads.length} threads` : `a thread of process ${store.profile.threads[lane.threads[0]!]!.pid}`;
  const weight = lane.threads.reduce((sum, index) => sum + lanes.totals[index]!, 0);
  return `${lane.name} ${lane.id}: ${kind}, ${format.weight(weight, store.isClock)}. Click to show it alone, or with others`;
}

/** Processes that have several threads, with these below where they are open; threads alone otherwise. */
function lanesOfThreads(store: Store, lanes: Lanes, open: ReadonlySet<number>): Lane[] {
  const { threads } = store.profile;
  const byProcess = new Map<number, number[]>();
  threads.forEach(({ pid }, index) => {
    const members = byProcess.get(pid);
    members ? members.push(index) : byProcess.set(pid, [index]);
  });
  const result: Lane[] = [];
  for (const [pid, members] of byProcess) {
    const own = members.filter((index) => lanes.totals[index]! > 0);
    if (own.length > 1) {
      result.push({ name: threads[own[0]!]!.process, id: pid, threads: own, isProcess: true });
    }

    if (own.length === 1 || open.has(pid)) {
      for (const index of own) {
        result.push({ name: threads[index]!.name, id: threads[index]!.tid, threads: [index], isProcess: false });
      }
    }
  }

  return result;
}

function LaneCanvas(props: { lanes: Lanes; lane: Lane; colours: string[]; background: string }) {
  const { lanes, lane, colours, background } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const sums = lane.threads.length === 1 ? lanes.threads[lane.threads[0]!]! : sumOfLanes(lanes, lane.threads);
    let full = lanes.full;
    if (lane.isProcess) {
      for (let part = 0; part < lanes.parts; part++) {
        full = Math.max(full, sums.subarray(part * activityCount, (part + 1) * activityCount).reduce((a, b) => a + b, 0));
      }
    }

    paintLane(canvas.current!, lanes.parts, laneHeight - 4, sums, full, colours, background);
  }, [lanes, lane, colours, background]);
  return <canvas ref={canvas} aria-hidden="true" />;
}

/**
 * The axis of time with the lanes below it, and which part of it is selected. Dragging over either selects, and so do the arrow
 * keys.
 */
function Tracks({ store, area, children }: { store: Store; area: RefObject<HTMLDivElement | null>; children: ComponentChildren }) {
  const { duration } = store.profile;
  const range = store.part("range").value;
  const start = useRef<number | null>(null);
  const { width } = useSize(area);
  const timeAt = (x: number) => {
    const bounds = area.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (x - bounds.left) / Math.max(1, bounds.width))) * duration;
  };
  const choose = (from: number, to: number) => store.set({ range: [Math.min(from, to), Math.max(from, to)] });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = duration / 50;
    const sign = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const [from, to] = range ?? [0, duration];
    if (sign !== 0 && event.shiftKey) {
      choose(from, Math.max(from + step / 10, Math.min(duration, to + sign * step)));
    } else if (sign !== 0 && range) {
      const moved = Math.max(-from, Math.min(duration - to, sign * step));
      choose(from + moved, to + moved);
    } else if (sign !== 0) {
      choose(sign < 0 ? 0 : duration / 2, sign < 0 ? duration / 2 : duration);
    } else if (event.key === "Escape") {
      store.set({ range: null });
    } else {
      return;
    }

    const now = store.chosen.range;
    spoken.value = now ? `${format.time(now[0])} to ${format.time(now[1])}` : "all time";
    event.preventDefault();
  };
  const percent = (time: number) => `${(100 * time) / Math.max(1, duration)}%`;
  const ticks = ticksOf(duration, Math.max(2, Math.floor(width / 90)));
  const [from, to] = range ?? [0, duration];
  return (
    <div
      class="tracks"
      onPointerDown={(event) => {
        if (event.button === 0 && (event.target as Element).closest(".axis, .lane")) {
          start.current = timeAt(event.clientX);
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      }}
      onPointerMove={(event) => {
        const now = timeAt(event.clientX);
        // a click that shook is no selection
        if (start.current !== null && Math.abs(now - start.current) * width > 3 * duration) {
          choose(start.current, now);
        }
      }}
      onPointerUp={() => (start.current = null)}
      onPointerCancel={() => (start.current = null)}
      onDblClick={(event) => (event.target as Element).closest(".axis, .lane") && store.set({ range: null })}
    >
      <div class="axis-row">
        <div class="lane-label axis-label">
          {range
            ? <button type="button" title="Select all time" onClick={() => store.set({ range: null })}>{format.time(to - from)} ✕</button>
            : <span>{format.time(duration)}</span>}
        </div>
        <div
          class="axis"
          ref={area}
          tabIndex={0}
          role="slider"
          aria-label="Selected time; arrow keys move it, with Shift its end, Escape selects all"
          aria-valuemin={0}
          aria-valuemax={duration / 1e9}
          aria-valuenow={from / 1e9}
          aria-valuetext={range ? `${format.time(from)} to ${format.time(to)}` : "all time"}
          onKeyDown={onKeyDown}
        >
          {ticks.filter((time) => (1 - time / duration) * width > 56).map((time) => (
            <span key={time} class="tick" style={{ left: percent(time) }}>{time === 0 ? "0" : format.time(time)}</span>
          ))}
        </div>
      </div>
      {children}
      {range && (
        <div class="selection" aria-hidden="true">
          <div class="veil" style={{ left: "0", width: percent(from) }} />
          <div class="veil" style={{ left: percent(to), width: percent(duration - to) }} />
          <div class="brush" style={{ left: percent(from), width: percent(to - from) }} />
        </div>
      )}
    </div>
  );
}

/** Round times, so many at most. */
function ticksOf(duration: number, most: number): number[] {
  if (duration <= 0) {
    return [0];
  }

  const least = duration / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least)!;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
}
