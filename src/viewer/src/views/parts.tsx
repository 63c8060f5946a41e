import { useMemo } from "preact/hooks";
import { kindColour, kindNames } from "../draw/colours";
import * as format from "../model/format";
import { paletteOf, useStore } from "./context";

/** A weight with its share and a bar of it. */
export function Share({ weight, total, isClock }: { weight: number; total: number; isClock: boolean }) {
  return (
    <span role="gridcell" class="number">
      <span class="bar" style={{ width: `${total > 0 ? (100 * weight) / total : 0}%` }} />
      {weight > 0 && (
        <>
          <span class="weight">{format.weight(weight, isClock)}</span>
          <span class="share">{format.share(weight, total)}</span>
        </>
      )}
    </span>
  );
}

/** A function's name with the colour of its kind, and where it is. */
export function FunctionName({ fn }: { fn: number }) {
  const store = useStore();
  const { names } = store;
  const palette = useMemo(() => paletteOf(store), [store]);
  const kind = names.kind(fn);
  return (
    <span class="function" title={`${names.title(fn)}, ${kindNames[kind]}`}>
      <span class="swatch" style={{ background: kindColour(kind, palette.value) }} aria-hidden="true" />
      <bdi>{names.name(fn)}</bdi> <bdi class="place">{names.place(fn)}</bdi>
    </span>
  );
}
