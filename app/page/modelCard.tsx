/** The network as a file. */
import { useRef } from 'preact/hooks';
import * as state from './state.js';
import { tell } from './trainerClient.js';

export function ModelCard() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class="card model" id="model" aria-labelledby="model-title">
      <h2 id="model-title">Keep it</h2>
      <p class="hint">
        The network as a safetensors file, which any tool can read; one of the command’s one-layer runs can be
        loaded, too.
      </p>
      <div class="buttons">
        <button type="button" disabled={state.phase.value !== 'ready'} onClick={() => tell({ kind: 'save' })}>
          Download the model
        </button>
        <button type="button" disabled={state.phase.value !== 'ready'} onClick={() => input.current?.click()}>
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
            if (file)
              tell({ kind: 'load', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
            currentTarget.value = '';
          }}
        />
      </div>
    </section>
  );
}
