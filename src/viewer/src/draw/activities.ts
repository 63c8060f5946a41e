import { Kind } from "../data/profile";
import { Activity } from "../model/lanes";
import { kindColour, oklch, type Palette } from "./colours";

export const activityNames: Record<Activity, string> = {
  [Activity.Python]: "Python",
  [Activity.Native]: "native",
  [Activity.Interpreter]: "imports, garbage collection",
  [Activity.Kernel]: "kernel",
  [Activity.GilWait]: "waits for the GIL",
  [Activity.CpuWait]: "waits for a CPU",
  [Activity.Blocked]: "blocked",
};

/** Stronger than boxes, since lanes are thin and have no text. */
export function activityColours(palette: Palette): string[] {
  const strong = (hue: number, chroma: number) => oklch(palette.isDark ? 62 : 70, chroma, hue);
  const colours: Record<Activity, string> = {
    [Activity.Python]: strong(70, 0.15),
    [Activity.Native]: strong(245, 0.12),
    [Activity.Interpreter]: strong(160, 0.11),
    [Activity.Kernel]: strong(325, 0.13),
    [Activity.GilWait]: strong(27, 0.19),
    [Activity.CpuWait]: strong(100, 0.13),
    [Activity.Blocked]: kindColour(Kind.Wait, palette),
  };
  return Object.values(Activity).filter((one) => typeof one === "number").map((one) => colours[one]);
}
