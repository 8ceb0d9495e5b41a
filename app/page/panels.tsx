/** Beside the stage: one panel at a time behind tabs, or on a wide screen all of them. */
import type { ComponentChildren } from 'preact';
import { Controls } from './controls.jsx';
import { DataCard } from './dataCard.jsx';
import { wide } from './layout.js';
import { Labels } from './labels.jsx';
import { NeuronCard } from './neuronCard.jsx';
import * as state from './state.js';
import { TryIt } from './tryIt.jsx';

const titles: Record<state.Panel, string> = {
  labels: 'Labels',
  try: 'Try it',
  experiment: 'Experiment',
  images: 'Images',
};

export function Panels() {
  return (
    <div class={`side ${wide.value ? 'wide' : ''}`}>
      {!wide.value && <Tabs />}
      <NeuronCard />
      <Column>
        <Panel name="labels">
          <Labels />
        </Panel>
        <Panel name="try">
          <TryIt />
        </Panel>
      </Column>
      <Column>
        <Panel name="experiment">
          <Controls />
        </Panel>
        <Panel name="images">
          <DataCard />
        </Panel>
      </Column>
    </div>
  );
}

function Column({ children }: { children: ComponentChildren }) {
  return <div class="column">{children}</div>;
}

function Panel({ name, children }: { name: state.Panel; children: ComponentChildren }) {
  if (wide.value) return <div>{children}</div>;
  return (
    <div
      role="tabpanel"
      id={`panel-${name}`}
      aria-labelledby={`tab-${name}`}
      hidden={state.panel.value !== name}
    >
      {children}
    </div>
  );
}

function Tabs() {
  const { panels, panel } = state;
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    if (!(event.key in steps)) return;
    const at = panels.indexOf(panel.value) + steps[event.key];
    panel.value = panels[(at + panels.length) % panels.length];
    document.getElementById(`tab-${panel.value}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label="What to do" onKeyDown={onKeyDown}>
      {panels.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-controls={`panel-${name}`}
          aria-selected={panel.value === name}
          tabIndex={panel.value === name ? 0 : -1}
          onClick={() => {
            panel.value = name;
          }}
        >
          {titles[name]}
        </button>
      ))}
    </div>
  );
}
