import { useMemo, useState } from "preact/hooks";
import { highlight } from "../draw/highlight";
import * as format from "../model/format";
import { callersOfLine, weighLines } from "../model/lines";
import type { Store } from "../model/store";
import { useStore } from "./context";
import { FunctionName } from "./parts";
import { VirtualRows } from "./VirtualRows";

/** Source, with what each line costs by itself and with all that it called. */
export function SourceView() {
  const store = useStore();
  const files = useMemo(() => filesByTime(store), [store.functionWeights.value]);
  const chosen = store.part("file").value;
  const file = chosen ?? files[0]?.file ?? null;
  if (file === null) {
    return <p class="empty">Nothing in this selection has source.</p>;
  }

  return (
    <div class="source">
      <label class="source-file">
        File
        <select
          value={String(file)}
          title={store.profile.files[file]!.path}
          onChange={(event) => store.set({ file: Number(event.currentTarget.value), line: null })}
        >
          {!files.some((one) => one.file === file) && <option value={String(file)}>{store.profile.files[file]!.name}</option>}
          {files.map((one) => (
            <option key={one.file} value={String(one.file)}>
              {`${store.profile.files[one.file]!.name} - ${format.weight(one.self, store.isClock)}`}
            </option>
          ))}
        </select>
      </label>
      <FileView key={file} file={file} />
    </div>
  );
}

/** Files by the own time of their functions. */
function filesByTime(store: Store): { file: number; self: number }[] {
  const self = new Map<number, number>();
  const { self: own, total } = store.functionWeights.value;
  for (let fn = 0; fn < store.profile.functions.count; fn++) {
    const file = store.profile.functions.file[fn]!;
    if (file >= 0 && total[fn]! > 0) {
      self.set(file, (self.get(file) ?? 0) + own[fn]!);
    }
  }

  return [...self].map(([file, weight]) => ({ file, self: weight })).sort((a, b) => b.self - a.self || a.file - b.file);
}

function FileView({ file }: { file: number }) {
  const store = useStore();
  const source = store.profile.files[file]!;
  const weights = store.stackWeights.value;
  const mode = store.part("mode").value;
  const lines = useMemo(() => weighLines(store.profile, mode, weights, file, store.buffers), [mode, weights, file]);
  const tokens = useMemo(() => (source.text === null ? null : highlight(source.name, source.text)), [source]);
  const known = useMemo(
    () => (source.text === null
      ? [...lines.keys()].filter((line) => line > 0).sort((a, b) => a - b)
      : Array.from({ length: source.text.split("\n").length }, (_, index) => index + 1)), [source, lines]);
  const hottest = useMemo(() => {
    let line = 0;
    let most = -1;
    for (const [at, { self }] of lines) {
      if (at > 0 && self > most) {
        [line, most] = [at, self];
      }
    }

    return line;
  }, [lines]);
  const most = Math.max(1e-9, ...[...lines.values()].map(({ self }) => self));
  const mostTotal = Math.max(1e-9, ...[...lines.values()].map(({ total }) => total));
  const chosen = store.part("line").value;
  const [opened] = useState(hottest); // where the file opens; later choices move it
  const line = chosen ?? opened;
  const hot = [...lines.keys()].filter((one) => one > 0).sort((a, b) => a - b);
  const next = (direction: number) => {
    const ordered = direction > 0 ? hot.find((one) => one > line) : hot.findLast((one) => one < line);
    if (ordered !== undefined) {
      store.set({ line: ordered });
    }
  };
  return (
    <div class="source-body">
      <div class="source-main">
        {source.note !== null && <p class="view-note">{source.note}</p>}
        <VirtualRows
          class="table code"
          count={known.length}
          rowHeight={19}
          label={`${source.name}; n and p go to the next and previous line that cost something`}
          role="grid"
          current={known.indexOf(line)}
          onMove={(index) => store.set({ line: known[index]! })}
          onKey={(event) => {
            if (event.key === "n" || event.key === "p") {
              next(event.key === "n" ? 1 : -1);
              return true;
            }

            return false;
          }}
          head={
            <>
              <span role="columnheader" class="number">Self</span>
              <span role="columnheader" class="number">Total</span>
              <span role="columnheader" class="line-number">Line</span>
              <span role="columnheader" class="name">{source.path}</span>
            </>
          }
          row={(index) => {
            const number = known[index]!;
            const weight = lines.get(number);
            return (
              <>
                <Heat weight={weight?.self ?? 0} most={most} isSelf isClock={store.isClock} />
                <Heat weight={weight?.total ?? 0} most={mostTotal} isSelf={false} isClock={store.isClock} />
                <span role="gridcell" class="line-number">{number}</span>
                <code role="gridcell" class="text">
                  {tokens?.(number - 1).map(({ text, kind }) => (kind ? <span class={`tok-${kind}`}>{text}</span> : text))}
                </code>
              </>
            );
          }}
        />
      </div>
      <LineCallers file={file} line={line} />
    </div>
  );
}

/** A weight on a ground that is the stronger the more it is. */
function Heat(props: { weight: number; most: number; isSelf: boolean; isClock: boolean }) {
  const { weight, most, isSelf, isClock } = props;
  return (
    <span
      role="gridcell"
      class={`number ${isSelf ? "heat" : "heat-total"}`}
      style={{ "--heat": weight > 0 ? String(0.12 + 0.88 * Math.sqrt(weight / most)) : "0" }}
    >
      {weight > 0 ? format.weight(weight, isClock) : ""}
    </span>
  );
}

/** Who called the function around a line while it ran. */
function LineCallers({ file, line }: { file: number; line: number }) {
  const store = useStore();
  const weights = store.stackWeights.value;
  const mode = store.part("mode").value;
  const callers = useMemo(() => callersOfLine(store.profile, mode, weights, file, line, store.buffers), [mode, weights, file, line]);
  if (line <= 0) {
    return null;
  }

  return (
    <aside class="line-callers" aria-label={`Callers of line ${line}`}>
      <h2>Line {line} was reached from</h2>
      {callers.length === 0 && <p class="dim">nothing in this selection</p>}
      <ol>
        {callers.slice(0, 100).map((caller) => (
          <li key={`${caller.fn}:${caller.line}`}>
            <button
              type="button"
              disabled={store.names.file(caller.fn) < 0}
              onClick={() => store.set({ file: store.names.file(caller.fn), line: caller.line || null, selected: caller.fn })}
            >
              <FunctionName fn={caller.fn} />
              <span class="dim">
                {caller.line > 0 ? `line ${caller.line}, ` : ""}
                {format.weight(caller.weight, store.isClock)}, {format.share(caller.weight, weights.total)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </aside>
  );
}
