/** What this browser can do for the page; what the kernels need is for the worker to find out. */

export const canDraw = probeCanvas();

function probeCanvas(): boolean {
  try {
    return document.createElement('canvas').getContext('2d') !== null;
  } catch {
    return false;
  }
}

/** What is missing, and what follows from it. */
export function missing(): string[] {
  const list: string[] = [];
  if (!globalThis.crossOriginIsolated) {
    list.push(
      'Memory cannot be shared here, so the network trains on one thread. "selftarget serve" sends the headers that allow more.',
    );
  }
  if (!canDraw) list.push('This browser shows no canvas, so pictures are slower and do not flash.');
  return list;
}

/** Why no network can be trained, told before one is tried. */
export function cannotTrain(): string | undefined {
  if (typeof Worker === 'undefined')
    return 'This browser has no Web Workers, in which the network would train.';
  if (typeof WebAssembly === 'undefined') {
    return 'This browser has no WebAssembly, which the computation is written in, or it is switched off.';
  }
  return undefined;
}
