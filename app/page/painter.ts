/** Paints the neurons on a canvas: their weights, the colours and names of their classes, and flashes of the winners. */
import { classColourIn, type Pixels } from 'selftarget/view';

/** Milliseconds that a flash lasts. */
const FLASH = 700;

export class Painter {
  #classOf: Int32Array | undefined;
  #classes: readonly string[] = [];
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #source = document.createElement('canvas');
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  /** The tiles as they are until the next news, so that a flash costs a copy and some frames. */
  readonly #tiles = document.createElement('canvas');
  #stale = true;
  #weights: Pixels | undefined;
  #columns = 1;
  #wins: Uint16Array = new Uint16Array();
  #showSilent = false;
  /** When each neuron last won, in the page's time. */
  #flashed = new Float64Array();
  #frame = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D;
  }

  name(classOf: Int32Array | undefined, classes: readonly string[]): void {
    this.#classOf = classOf;
    this.#classes = classes;
    this.#stale = true;
    this.paintSoon();
  }

  take(
    weights: Pixels,
    now: { columns: number; winners: readonly number[]; recentWins: Uint16Array; recentItems: number },
  ): void {
    const neurons = now.recentWins.length;
    if (this.#flashed.length !== neurons) this.#flashed = new Float64Array(neurons).fill(-FLASH);
    if (weights !== this.#weights) {
      const time = performance.now();
      if (this.#still.matches) this.#flashed.fill(-FLASH);
      for (const neuron of now.winners) this.#flashed[neuron] = time;
      this.#source.width = weights.width;
      this.#source.height = weights.height;
      const image = new ImageData(weights.data, weights.width, weights.height);
      this.#source.getContext('2d')?.putImageData(image, 0, 0);
    }
    this.#weights = weights;
    this.#columns = now.columns;
    this.#wins = now.recentWins;
    this.#showSilent = now.recentItems >= 5 * neurons || now.recentItems >= 1000;
    this.#stale = true;
    this.paintSoon();
  }

  paintSoon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#paint()) this.paintSoon();
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }

  /** Answers whether something still moves. */
  #paint(): boolean {
    const weights = this.#weights;
    if (!weights) return false;
    const scale = Math.min(2, devicePixelRatio);
    const columns = this.#columns;
    const neurons = this.#wins.length;
    const side = Math.floor((this.#canvas.clientWidth * scale) / columns);
    const [width, height] = [side * columns, side * Math.ceil(neurons / columns)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      for (const canvas of [this.#canvas, this.#tiles]) Object.assign(canvas, { width, height });
      this.#stale = true;
    }
    const inner = side - Math.max(1, Math.round(side / 24));
    if (this.#stale) this.#paintTiles(weights, side, inner);
    this.#stale = false;
    const context = this.#context;
    context.clearRect(0, 0, width, height);
    if (width > 0 && height > 0) context.drawImage(this.#tiles, 0, 0);
    const time = performance.now();
    const thick = Math.max(1, Math.round(inner / 14));
    context.lineWidth = thick;
    let moving = false;
    for (let i = 0; i < neurons; i++) {
      const left = this.#still.matches ? Number(this.#flashed[i] > 0) : 1 - (time - this.#flashed[i]) / FLASH;
      if (left <= 0) continue;
      moving ||= !this.#still.matches;
      const [x, y] = [(i % columns) * side, Math.floor(i / columns) * side];
      context.strokeStyle = `rgba(255, 214, 92, ${left})`;
      context.strokeRect(x + thick / 2, y + thick / 2, inner - thick, inner - thick);
    }
    return moving;
  }

  #paintTiles(weights: Pixels, side: number, inner: number): void {
    const context = this.#tiles.getContext('2d');
    if (!context) return;
    const columns = this.#columns;
    const neurons = this.#wins.length;
    context.clearRect(0, 0, this.#tiles.width, this.#tiles.height);
    const across = (weights.width + 1) / columns - 1;
    const down = (weights.height + 1) / Math.ceil(neurons / columns) - 1;
    // Small tiles on a dense screen would not show the difference.
    context.imageSmoothingQuality = across < side ? 'high' : 'low';
    for (let i = 0; i < neurons; i++) {
      const [x, y] = [(i % columns) * side, Math.floor(i / columns) * side];
      const [fromX, fromY] = [(i % columns) * (across + 1), Math.floor(i / columns) * (down + 1)];
      context.drawImage(this.#source, fromX, fromY, across, down, x, y, inner, inner);
      const c = this.#classOf?.[i] ?? -1;
      if (c >= 0) tint(context, x, y, inner, classColourIn('dark', c));
      if (this.#showSilent && this.#wins[i] === 0) {
        context.fillStyle = 'rgba(14, 16, 21, 0.72)';
        context.fillRect(x, y, inner, inner);
      }
      if (c >= 0) writeName(context, this.#classes[c] ?? '', x, y, inner, c);
    }
  }
}

/** White becomes the colour, black stays. */
function tint(context: CanvasRenderingContext2D, x: number, y: number, side: number, colour: string): void {
  context.globalCompositeOperation = 'multiply';
  context.fillStyle = colour;
  context.fillRect(x, y, side, side);
  context.globalCompositeOperation = 'source-over';
}

/** Tiles whose sides are shorter than this, in pixels of the page, have no room for a name; shorter ones for a digit. */
const ROOM = 40;
const ROOM_FOR_ONE = 26;

/** The class's name in the tile's lower right corner, so that its colour is not all that tells it. */
function writeName(
  context: CanvasRenderingContext2D,
  name: string,
  x: number,
  y: number,
  side: number,
  c: number,
): void {
  const scale = Math.min(2, devicePixelRatio);
  if (side < scale * (name.length === 1 ? ROOM_FOR_ONE : ROOM)) return;
  const size = Math.round(Math.min(15 * scale, Math.max(9.5 * scale, 0.24 * side)));
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = 'alphabetic';
  let text = name;
  while (text.length > 1 && context.measureText(text).width > side - size * 0.5) text = text.slice(0, -1);
  const width = context.measureText(text).width + size * 0.4;
  context.fillStyle = 'rgba(14, 16, 21, 0.78)';
  context.fillRect(x + side - width, y + side - size * 1.12, width, size * 1.12);
  context.fillStyle = classColourIn('dark', c);
  context.fillText(text, x + side - width + size * 0.2, y + side - size * 0.24);
}
