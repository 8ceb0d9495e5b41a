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
      'This server does not allow shared memory, so the network trains on one thread. "selftarget serve" allows more.',
    );
  }
  if (!canDraw) list.push('This browser has no canvas, so pictures are slower and do not flash.');
  return list;
}

/** Why no network can be trained, known before one is tried. */
export function cannotTrain(): string | undefined {
  if (typeof Worker === 'undefined') {
    return 'This browser has no Web Workers, which the network needs to train in.';
  }
  if (typeof WebAssembly === 'undefined') {
    return 'This browser has no WebAssembly, or it is switched off. The network cannot compute without it.';
  }
  return undefined;
}
