import { render } from "preact";
import { readProfile } from "./data/profile";
import { Store } from "./model/store";
import "./style.css";
import { App } from "./views/App";

const app = document.getElementById("app")!;
const data = document.getElementById("profile")!;
try {
  const profile = await readProfile([...data.children].map((piece) => piece.textContent!));
  data.remove(); // megabytes of text
  document.title = `${profile.title} - viperf`;
  const store = new Store(profile, location.hash.slice(1));
  render(<App store={store} />, app);
  store.prepare();
} catch (error) {
  app.textContent = `This profile cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
  throw error;
}
