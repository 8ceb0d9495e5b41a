/**
 * The neurons: each tile shows what its neuron looks for, in the colour of the class that it is named after. Winners
 * of the last batch flash; whoever has won nothing lately goes dark. Tiles are buttons, for mouse and keyboard.
 */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { classColourIn, type Pixels } from 'selftarget/view';
import { nameNeuron, select } from './actions.js';
import { canDraw } from './capabilities.js';
import { classKey } from './keys.js';
import { usePng } from './picture.jsx';
import * as state from './state.js';

export function NeuronGrid() {
  const neurons = state.settings.value.neurons;
  const columns = Math.ceil(Math.sqrt(neurons));
  const [focus, setFocus] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const names = state.about.value?.classes ?? [];
  const classOf = state.classOf.value;

  const move = (to: number) => {
    if (to < 0 || to >= neurons) return;
    setFocus(to);
    grid.current?.querySelectorAll<HTMLButtonElement>('button')[to]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
    };
    const c = classKey(event, names.length);
    if (event.key in steps) move(focus + steps[event.key]);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(neurons - 1);
    else if (c !== undefined) nameNeuron(focus, c);
    else if (event.key === 'Delete' || event.key === 'Backspace') nameNeuron(focus, undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div class="grid" style={{ '--columns': columns }} id="neurons">
      {canDraw ? <GridCanvas /> : <GridImage />}
      <div
        class="tiles"
        ref={grid}
        role="group"
        aria-label={`${neurons} neurons. Arrow keys move, Enter shows one, number keys name it.`}
        onKeyDown={onKeyDown}
      >
        {Array.from({ length: neurons }, (_, i) => (
          <Tile
            key={i}
            neuron={i}
            name={classOf && classOf[i] >= 0 ? names[classOf[i]] : ''}
            focusable={i === Math.min(focus, neurons - 1)}
            pressed={state.selected.value === i}
            onFocus={setFocus}
          />
        ))}
      </div>
    </div>
  );
}

function Tile(props: {
  neuron: number;
  name: string;
  focusable: boolean;
  pressed: boolean;
  onFocus: (neuron: number) => void;
}) {
  const { neuron, name, focusable, pressed, onFocus } = props;
  return (
    <button
      type="button"
      tabIndex={focusable ? 0 : -1}
      aria-pressed={pressed}
      aria-label={`Neuron ${neuron + 1}${name ? `, ${name}` : ''}`}
      onFocus={() => onFocus(neuron)}
      onClick={() => select(pressed ? undefined : neuron)}
    />
  );
}

/** Where there is no canvas: the weights, without colours or flashes. */
function GridImage() {
  const address = usePng(state.progress.value?.weights);
  return <img class="pixels" src={address} alt="" />;
}

function GridCanvas() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const painter = new Painter(canvas.current);
    const resized = new ResizeObserver(() => painter.paintSoon());
    resized.observe(canvas.current);
    const stop = effect(() => {
      const { value: now } = state.progress;
      painter.classOf = state.classOf.value;
      if (now) painter.take(now.weights, now);
    });
    return () => {
      stop();
      resized.disconnect();
      painter.stop();
    };
  }, []);
  return <canvas ref={canvas} aria-hidden="true" />;
}

/** Milliseconds that a flash lasts. */
const FLASH = 700;

class Painter {
  classOf: Int32Array | undefined;
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
      const c = this.classOf?.[i] ?? -1;
      if (c >= 0) tint(context, x, y, inner, classColourIn('dark', c));
      if (!this.#showSilent || this.#wins[i] > 0) continue;
      context.fillStyle = 'rgba(14, 16, 21, 0.72)';
      context.fillRect(x, y, inner, inner);
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
