import { useMemo } from "preact/hooks";
import * as format from "../model/format";
import { kindNames } from "../draw/colours";
import { weighFunction } from "../model/weights";
import { actionsFor } from "./actions";
import { pointed, useStore } from "./context";
import { FunctionName } from "./parts";

/** All about the function that is pointed at or selected, whole names too. */
export function Details() {
  const store = useStore();
  const { names } = store;
  const at = pointed.value;
  const selected = store.part("selected").value;
  const fn = at?.fn ?? selected;
  const tree = store.tree.value;
  const weights = store.weights.value;
  const everywhere = useMemo(() => (fn === null ? null : weighFunction(tree, weights, fn)), [tree, weights, fn]);
  if (fn === null || everywhere === null) {
    return (
      <footer class="details" aria-label="Details">
        <p class="dim">Point at a function for its figures; click to zoom or select; right-click for more. Press ? for keys.</p>
      </footer>
    );
  }

  const total = store.stackWeights.value.total;
  const figure = (weight: number) => `${format.weight(weight, store.isClock)} (${format.share(weight, total)})`;
  const file = names.file(fn);
  return (
    <footer class="details" aria-label="Details">
      <div class="details-text">
        <p class="details-name">
          <FunctionName fn={fn} />
          <span class="dim">
            {" "}{names.isModule(fn) ? "module" : kindNames[names.kind(fn)]}
            {file >= 0 && <> in <bdi>{store.profile.files[file]!.path}</bdi></>}
            {file < 0 && names.module(fn) !== names.place(fn) && <> in <bdi>{names.module(fn)}</bdi></>}
          </span>
        </p>
        <p class="details-figures">
          {at?.weight != null && <span>here <b>{figure(at.weight)}</b>{at.self != null && <>, of it own {figure(at.self)}</>}</span>}
          <span>everywhere <b>{figure(everywhere.total)}</b>, own {figure(everywhere.self)}</span>
        </p>
      </div>
      {selected !== null && (
        <p class="details-actions" aria-label={`With ${names.name(selected)}`}>
          {actionsFor(store, selected).map((action) => (
            <button key={action.key} type="button" title={`${action.title} (${action.key})`} onClick={action.run}>{action.label}</button>
          ))}
        </p>
      )}
    </footer>
  );
}
