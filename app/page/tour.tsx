/** A minute's tour: what to look at, one place after the other. It points, and where it helps, it acts. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { run } from './actions.js';
import { tell } from './trainerClient.js';
import * as state from './state.js';

interface Stop {
  /** Element to point at. */
  readonly at: string;
  /** The panel that it is in. */
  readonly panel?: state.Panel;
  readonly title: string;
  readonly text: string;
  /** Done when the visitor comes here. */
  readonly begin?: () => void;
}

const stops: readonly Stop[] = [
  {
    at: 'data',
    panel: 'images',
    title: 'Images without labels',
    text: 'This is what the network learns from. While it trains, it sees the images and nothing else: nobody tells it what they are.',
  },
  {
    at: 'neurons',
    title: 'Neurons begin as noise',
    text: 'Each tile is what one neuron looks for. For every image, the neuron that responds most wins. The network’s own output becomes its target, so winners learn to respond even more. The next step starts the training.',
  },
  {
    at: 'neurons',
    title: 'They specialise',
    text: 'Winners flash. Within seconds, each neuron specialises in one kind of image.',
    begin: run,
  },
  {
    at: 'homeostasis',
    title: 'Balance makes it work',
    text: 'Homeostasis holds back neurons that win too often. Without it, a few neurons would win every image. Try it after the tour: switch it off and train again.',
  },
  {
    at: 'labels',
    panel: 'labels',
    title: 'A few labels name the neurons',
    text: 'The network tells images apart, but it does not know what we call them. Now 50 of the images it learned from are labelled for you. See how many test images are correct.',
    begin: () => tell({ kind: 'labelForMe', count: 50 }),
  },
  {
    at: 'try',
    panel: 'try',
    title: 'Your turn',
    text: 'Draw something or try a picture: which neurons respond, and what is the prediction? Then change the learning rule under Experiment. The same target works with equilibrium propagation.',
  },
];

const place = signal<number | undefined>(undefined);
let before: Element | null = null;

export function startTour(): void {
  before = document.activeElement;
  place.value = 0;
}

function end(): void {
  place.value = undefined;
  if (before instanceof HTMLElement) before.focus();
}

export function Tour() {
  const at = place.value;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (at === undefined) return;
    const { begin, panel: name } = stops[at];
    begin?.();
    if (name) state.panel.value = name;
  }, [at]);
  // After the panel is there.
  const shown = state.panel.value;
  useEffect(() => {
    if (at === undefined) return;
    const { at: id } = stops[at];
    const element = document.getElementById(id);
    element?.classList.add('pointed');
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    // On a phone the panel takes the lower half.
    const block = innerWidth < 600 ? 'start' : 'center';
    element?.scrollIntoView({ block, behavior: still ? 'instant' : 'smooth' });
    panel.current?.focus({ preventScroll: true });
    return () => element?.classList.remove('pointed');
  }, [at, shown]);
  if (at === undefined || state.phase.value !== 'ready') return null;
  const { title, text, panel: isBeside } = stops[at];
  const last = at === stops.length - 1;
  return (
    <div
      class={`tour ${isBeside ? 'left' : ''}`}
      role="dialog"
      aria-labelledby="tour-title"
      aria-describedby="tour-text"
      tabIndex={-1}
      ref={panel}
      onKeyDown={(event) => {
        if (event.key === 'Escape') end();
        else if (event.key === 'ArrowRight' && !last) place.value = at + 1;
        else if (event.key === 'ArrowLeft' && at > 0) place.value = at - 1;
        else return;
        event.preventDefault();
      }}
    >
      <p class="hint">
        {at + 1} of {stops.length}
      </p>
      <h2 id="tour-title">{title}</h2>
      <p id="tour-text">{text}</p>
      <div class="buttons">
        <button
          type="button"
          class="main"
          onClick={() => {
            if (last) end();
            else place.value = at + 1;
          }}
        >
          {last ? 'Done' : 'Next'}
        </button>
        <button
          type="button"
          disabled={at === 0}
          onClick={() => {
            place.value = at - 1;
          }}
        >
          Back
        </button>
        {!last && (
          <button type="button" class="quiet" onClick={end}>
            Skip the tour
          </button>
        )}
      </div>
    </div>
  );
}
