import type { QualityGroup } from "../data/profile";
import * as format from "../model/format";
import { useStore } from "./context";

/** How far stacks and names can be trusted, and what would make them better. */
export function StacksView() {
  const store = useStore();
  const quality = store.profile.quality[store.part("event").value];
  if (!quality) {
    return <p class="empty">Nothing is known of the stacks of this event.</p>;
  }

  return (
    <div class="prose" tabIndex={0}>
      <h2>Are the stacks complete?</h2>
      <p class="figure">
        {quality.samples === 0 ? "No sample has a stack of the program."
          : `${format.share(quality.complete, quality.samples)} of ${format.count(quality.samples)} stacks are complete: `
            + "they reach where their program or thread began."}
      </p>
      <p class="dim">This is of the whole recording, whatever part of it is selected.</p>
      {quality.withoutUser > 0 && (
        <p>{format.count(quality.withoutUser)} more samples have no stack of a program: the kernel's own threads, and programs that start or end.</p>
      )}
      <Groups title="Stacks by where they end" groups={quality.stacks} samples={quality.samples} />
      <h2>Have functions their names?</h2>
      {quality.names.length === 0
        ? <p class="figure">Yes, all that samples met.</p>
        : <Groups title="Samples in functions without a name" groups={quality.names} samples={quality.samples + quality.withoutUser} />}
    </div>
  );
}

function Groups({ title, groups, samples }: { title: string; groups: QualityGroup[]; samples: number }) {
  return (
    <table>
      <caption>{title}</caption>
      <thead>
        <tr><th scope="col" class="number">Samples</th><th scope="col" class="number">Share</th><th scope="col">Why, and what to do</th></tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr key={`${group.reason}${group.remedy}`}>
            <td class="number">{format.count(group.samples)}</td>
            <td class="number">{format.share(group.samples, samples)}</td>
            <td>
              <span class={group.isGood ? "good" : "bad"} aria-hidden="true">{group.isGood ? "✓" : "!"}</span> {group.reason}
              {group.remedy !== null && <div class="remedy">{group.remedy}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
