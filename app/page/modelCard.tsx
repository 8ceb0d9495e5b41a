/** The network as a file. */
import { useRef } from 'preact/hooks';
import * as state from './state.js';
import { tell } from './trainerClient.js';

export function ModelCard() {
  const input = useRef<HTMLInputElement>(null);
  const ready = state.phase.value === 'ready';
  return (
    <section class="card model" id="model" aria-labelledby="model-title">
      <div>
        <h2 id="model-title">Save and load</h2>
        <p class="hint">
          This browser remembers your network until you start over. To keep it longer or to use it elsewhere,
          download it as a safetensors file. You can load one-layer models of the command, too.
        </p>
      </div>
      <div class="buttons">
        <button type="button" disabled={!ready} onClick={() => tell({ kind: 'save' })}>
          Download the model
        </button>
        <button type="button" disabled={!ready} onClick={() => input.current?.click()}>
          Load a model
        </button>
        <input
          ref={input}
          type="file"
          accept=".safetensors"
          hidden
          aria-label="Model file"
          onChange={async ({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) {
              tell({ kind: 'load', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
            }
            currentTarget.value = '';
          }}
        />
      </div>
    </section>
  );
}
