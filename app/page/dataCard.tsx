/** Which images: built in, beside the page, or the visitor's own. */
import { useRef, useState } from 'preact/hooks';
import { open, openOwn } from './actions.js';
import { droppedFiles, pickedFiles } from './dropped.js';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { dataFolder } from './trainerClient.js';

const sides = [8, 16, 28, 32] as const;

export function DataCard() {
  const { about, choice, served, opening } = state;
  const [side, setSide] = useState(28);
  const [channels, setChannels] = useState<1 | 3>(1);
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const now = about.value;
  const value = choice.value.kind === 'served' ? choice.value.set.name : choice.value.kind;
  const take = (picked: HTMLInputElement) => {
    if (picked.files && picked.files.length > 0) openOwn(pickedFiles(picked.files), { side, channels });
    picked.value = '';
  };
  return (
    <section
      class={`card ${over ? 'over' : ''}`}
      id="data"
      aria-labelledby="data-title"
      aria-busy={opening.value}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) openOwn(await droppedFiles(event.dataTransfer), { side, channels });
      }}
    >
      <h2 id="data-title">Images</h2>
      <div class="control">
        <label>
          <span>Data set</span>
          <select
            value={value}
            disabled={opening.value}
            onChange={({ currentTarget }) => {
              const set = served.value.find(({ name }) => name === currentTarget.value);
              open(set ? { kind: 'served', set, folder: dataFolder() } : { kind: 'digits' });
            }}
          >
            <option value="digits">Digits, 8 x 8 (built in)</option>
            {served.value.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            {choice.value.kind === 'own' && <option value="own">{choice.value.name}</option>}
          </select>
        </label>
        <p class="hint">
          {served.value.length > 0
            ? 'What is to be seen decides what neurons come to stand for. Starts anew.'
            : '"selftarget serve" adds MNIST where it has it; your own images work as well.'}
        </p>
      </div>
      {now && (
        <>
          <Picture pixels={now.examples} label={`The first images of ${now.name}`} class="examples" />
          <p class="hint">
            {now.items.toLocaleString('en')} images to learn from, {now.testItems.toLocaleString('en')} to
            test with, {now.shape[1]} x {now.shape[0]}
            {now.shape[2] === 3 ? ' in colour' : ''}. Training sees no label.
          </p>
        </>
      )}
      <details>
        <summary>Use your own</summary>
        <p class="hint">
          Drop a folder with a folder of PNG or JPEG files for each class here, or some pictures, or a CSV
          file with the column “label”, or IDX files. They stay in your browser.
        </p>
        <div class="buttons">
          <button type="button" onClick={() => folder.current?.click()}>
            Choose a folder
          </button>
          <button type="button" onClick={() => files.current?.click()}>
            Choose files
          </button>
        </div>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label="Files"
          onChange={({ currentTarget }) => take(currentTarget)}
        />
        <input
          ref={(input) => {
            folder.current = input;
            input?.setAttribute('webkitdirectory', '');
          }}
          type="file"
          hidden
          aria-label="Folder"
          onChange={({ currentTarget }) => take(currentTarget)}
        />
        <div class="row">
          <label>
            <span>Pictures become</span>
            <select value={side} onChange={({ currentTarget }) => setSide(Number(currentTarget.value))}>
              {sides.map((size) => (
                <option key={size} value={size}>
                  {size} x {size}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>in</span>
            <select
              value={channels}
              onChange={({ currentTarget }) => setChannels(currentTarget.value === '3' ? 3 : 1)}
            >
              <option value={1}>grey</option>
              <option value={3}>colour</option>
            </select>
          </label>
        </div>
      </details>
      {opening.value && <p role="status">Reading…</p>}
    </section>
  );
}
