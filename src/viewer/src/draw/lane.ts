import { activityCount } from "../model/lanes";

/** Draws what one thread did: for each part of the time its activities on top of each other. */
export function paintLane(
  canvas: HTMLCanvasElement, parts: number, height: number, weights: Float32Array, full: number, colours: string[], background: string,
): void {
  canvas.width = parts;
  canvas.height = height * 2; // fine enough for every screen
  const context = canvas.getContext("2d", { alpha: false })!;
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const scale = canvas.height / full;
  const bottoms = new Float32Array(parts).fill(canvas.height);
  for (let activity = 0; activity < activityCount; activity++) {
    context.fillStyle = colours[activity]!;
    for (let part = 0; part < parts; part++) {
      const high = Math.min(weights[part * activityCount + activity]! * scale, bottoms[part]!);
      if (high > 0) {
        bottoms[part]! -= high;
        context.fillRect(part, bottoms[part]!, 1, high);
      }
    }
  }
}
