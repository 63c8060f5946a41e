import "./style.css";
import { readProfile } from "./data/profile";

const data = document.getElementById("profile")!;
const profile = await readProfile(data.textContent!);
data.remove();
document.title = `${profile.title} - viperf`;
