import { useStore } from "./context";

/** What was recorded, where and how. */
export function AboutView() {
  const { profile } = useStore();
  return (
    <div class="prose" tabIndex={0}>
      <h2>The recording</h2>
      <dl>
        {profile.facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd><bdi>{value}</bdi></dd>
          </div>
        ))}
      </dl>
      {profile.warnings.length > 0 && (
        <>
          <h2>What is to be known about it</h2>
          <ul>{profile.warnings.map((warning) => <li key={warning}><bdi>{warning}</bdi></li>)}</ul>
        </>
      )}
      <p class="dim">This page has everything in it, and asks the network for nothing: it can be kept and sent on.</p>
    </div>
  );
}
