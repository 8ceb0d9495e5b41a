/** What can be changed, each with why it matters. */
import type { ComponentChildren } from 'preact';
import { mostWinners, neuronCounts, type Rule, rules, strengths } from '../settings.js';
import { change, startAnew } from './actions.js';
import * as state from './state.js';

const ruleNames: Record<Rule, string> = {
  backprop: 'Backpropagation',
  equilibrium: 'Equilibrium propagation',
};

export function Controls() {
  const { rule, neurons, winners, homeostasis, gamma } = state.settings.value;
  const strength = nearest(gamma);
  return (
    <section class="card" id="controls" aria-labelledby="controls-title">
      <h2 id="controls-title">Experiment</h2>
      <Control why="Without it a few neurons win every image and the others never learn: switch it off, start anew, and look.">
        <label class="switch">
          <input
            type="checkbox"
            checked={homeostasis}
            onChange={({ currentTarget }) => change({ homeostasis: currentTarget.checked })}
          />
          <span>Homeostasis</span>
        </label>
      </Control>
      <Control why="How firmly whoever wins too often is held back: too little and few do all the work, too much and winning becomes a lottery.">
        <label>
          <span>
            Strength of homeostasis <span class="value">{gamma}</span>
          </span>
          <input
            type="range"
            min={0}
            max={strengths.length - 1}
            value={strength}
            disabled={!homeostasis}
            aria-valuetext={String(gamma)}
            onInput={({ currentTarget }) => change({ gamma: strengths[Number(currentTarget.value)] })}
          />
        </label>
      </Control>
      <Control why="With one, each neuron learns one way of writing a digit; with more, they share the work and overlap.">
        <label>
          <span>
            Winners per image <span class="value">{winners}</span>
          </span>
          <input
            type="range"
            min={1}
            max={mostWinners}
            value={winners}
            onInput={({ currentTarget }) => change({ winners: Number(currentTarget.value) })}
          />
        </label>
      </Control>
      <Control why="More neurons can each be choosier, so more ways of writing are told apart. Starts anew.">
        <label>
          <span>Neurons</span>
          <select
            value={neurons}
            onChange={({ currentTarget }) => change({ neurons: Number(currentTarget.value) })}
          >
            {[...new Set([...neuronCounts, neurons])].map((count) => (
              <option key={count} value={count}>
                {count}
              </option>
            ))}
          </select>
        </label>
      </Control>
      <Control why="The target is the same for both: it does not matter how the network learns, which is what makes it fit for hardware. Starts anew.">
        <label>
          <span>Learning rule</span>
          <select
            value={rule}
            onChange={({ currentTarget }) => change({ rule: currentTarget.value as Rule })}
          >
            {rules.map((name) => (
              <option key={name} value={name}>
                {ruleNames[name]}
              </option>
            ))}
          </select>
        </label>
      </Control>
      {state.changedInRun.value && (
        <p class="note">
          In effect from the next step on.{' '}
          <button type="button" class="link" onClick={startAnew}>
            Start anew
          </button>{' '}
          to see what it does from the beginning.
        </p>
      )}
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

function nearest(gamma: number): number {
  let best = 0;
  for (const [i, strength] of strengths.entries()) {
    if (Math.abs(strength - gamma) < Math.abs(strengths[best] - gamma)) best = i;
  }
  return best;
}
