/** What can be changed, each with why it matters. */
import type { ComponentChildren } from 'preact';
import {
  highestSeed,
  mostWinners,
  neuronCounts,
  type Rule,
  rateFactors,
  rules,
  strengths,
} from '../settings.js';
import { anotherRandomStart, change, trainAgain } from './actions.js';
import * as state from './state.js';
import { noun } from './words.js';

const ruleNames: Record<Rule, string> = {
  backprop: 'Backpropagation',
  equilibrium: 'Equilibrium propagation',
};

export function Controls() {
  const { rule, neurons, winners, homeostasis, gamma, rate, seed } = state.settings.value;
  const disabled = state.phase.value !== 'ready';
  const isDigit = noun() === 'digit';
  return (
    <section class="card" id="controls" aria-labelledby="controls-title">
      <h2 id="controls-title">Experiment</h2>
      <Control why="Too weak, and a few neurons do all the work; too strong, and winning becomes a lottery.">
        <label>
          <span>
            Strength of homeostasis <span class="value">{gamma}</span>
          </span>
          <input
            type="range"
            min={0}
            max={strengths.length - 1}
            value={nearest(strengths, gamma)}
            disabled={disabled || !homeostasis}
            aria-valuetext={String(gamma)}
            onInput={({ currentTarget }) => change({ gamma: strengths[Number(currentTarget.value)] })}
          />
        </label>
      </Control>
      <Control
        why={`With one winner, each neuron learns one ${isDigit ? 'way of writing a digit' : `kind of ${noun()}`}; with more, neurons share the work and overlap.`}
      >
        <label>
          <span>
            Winners per image <span class="value">{winners}</span>
          </span>
          <input
            type="range"
            min={1}
            max={Math.min(Math.max(mostWinners, winners), neurons)}
            value={winners}
            disabled={disabled}
            onInput={({ currentTarget }) => change({ winners: Number(currentTarget.value) })}
          />
        </label>
      </Control>
      {state.changedInRun.value && (
        <p class="note">
          This takes effect from the next step.{' '}
          <button type="button" class="link" onClick={() => trainAgain()}>
            Train again
          </button>{' '}
          to see its effect from the beginning.
        </p>
      )}
      <h3>These start a new network</h3>
      <Control why="More neurons are choosier, so they tell finer differences apart.">
        <Choice
          label="Neurons"
          value={neurons}
          options={[...new Set([...neuronCounts, neurons])].map((count) => [count, String(count)])}
          onChoose={(count) => change({ neurons: Number(count) })}
        />
      </Control>
      <Control why="The target is the same for both rules: it does not matter how the network learns.">
        <Choice
          label="Learning rule"
          value={rule}
          options={rules.map((name) => [name, ruleNames[name]])}
          onChoose={(name) => change({ rule: name as Rule })}
        />
      </Control>
      <Control why="Relative to the rate that suits these images.">
        <Choice
          label="Learning rate"
          value={rate}
          options={[...new Set([...rateFactors, rate])]
            .sort((a, b) => a - b)
            .map((factor) => [factor, factor === 1 ? 'usual' : `${factor} x`])}
          onChoose={(factor) => change({ rate: Number(factor) })}
        />
      </Control>
      <Control why="The same seed gives the same network. The page’s address holds all these settings, so you can share them as a link.">
        <label>
          <span>Seed</span>
          <span class="buttons">
            <input
              type="number"
              min={0}
              max={highestSeed}
              value={seed}
              disabled={disabled}
              onChange={({ currentTarget }) => {
                const wanted = Math.round(Number(currentTarget.value));
                change({ seed: Math.min(highestSeed, Math.max(0, wanted)) });
              }}
            />
            <button type="button" disabled={disabled} onClick={anotherRandomStart}>
              Another random start
            </button>
          </span>
        </label>
      </Control>
    </section>
  );
}

function Control({ why, children }: { why: string; children: ComponentChildren }) {
  return (
    <div class="control">
      {children}
      <p class="hint">{why}</p>
    </div>
  );
}

function Choice<T extends string | number>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChoose: (value: string) => void;
}) {
  return (
    <label>
      <span>{props.label}</span>
      <select
        value={props.value}
        disabled={state.phase.value !== 'ready'}
        onChange={({ currentTarget }) => props.onChoose(currentTarget.value)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The place in `values` that is nearest to `wanted`. */
function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  for (const [i, value] of values.entries()) {
    if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = i;
  }
  return best;
}
