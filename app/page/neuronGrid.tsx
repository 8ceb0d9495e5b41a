/**
 * The neurons: each tile shows what its neuron looks for, in the colour of the class that it is named after and, where
 * there is room, with its name. Winners of the last batch flash; neurons that have won nothing lately go dark. Tiles are
 * buttons, for mouse and keyboard.
 */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { nameNeuron, select } from './actions.js';
import { canDraw } from './capabilities.js';
import { usePng } from './picture.jsx';
import * as state from './state.js';
import { classOfKey } from './words.js';
import { Painter } from './painter.js';

export function NeuronGrid() {
  const neurons = state.settings.value.neurons;
  const columns = Math.ceil(Math.sqrt(neurons));
  const [focus, setFocus] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const names = state.classes.value;
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
    const c = classOfKey(event, names);
    if (event.key in steps) move(focus + steps[event.key]);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(neurons - 1);
    else if (c !== undefined) nameNeuron(focus, c);
    else if (event.key === 'Delete' || event.key === 'Backspace') nameNeuron(focus, undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div
      class={`grid ${state.progress.value ? '' : 'waiting'}`}
      style={{ '--columns': columns }}
      id="neurons"
    >
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
      disabled={state.progress.value === undefined}
      tabIndex={focusable ? 0 : -1}
      aria-pressed={pressed}
      aria-label={`Neuron ${neuron + 1}${name ? `, ${name}` : ''}`}
      title={name ? `Neuron ${neuron + 1}: ${name}` : `Neuron ${neuron + 1}`}
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
      painter.name(state.classOf.value, state.classes.value);
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
