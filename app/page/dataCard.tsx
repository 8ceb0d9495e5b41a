/** Which images: built in, beside the page, or the visitor's own. */
import { useState } from 'preact/hooks';
import { offer, open } from './actions.js';
import { type Dropped, droppedFiles, mostFiles } from './dropped.js';
import { refuse } from './notices.js';
import { OwnImages } from './ownImages.jsx';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { dataFolder } from './trainerClient.js';

export function takeFiles({ files, tooMany }: Dropped): void {
  if (tooMany) {
    refuse(
      `There are more than ${mostFiles.toLocaleString('en')} files, which is more than this page takes. ` +
        'Choose a folder with fewer, or an archive.',
    );
  } else if (files.length === 0) refuse('There are no files in what you dropped.');
  else offer(files);
}

export function DataCard() {
  const { about, choice, served, opening } = state;
  const [over, setOver] = useState(false);
  const now = about.value;
  const value = choice.value.kind === 'served' ? choice.value.set.name : choice.value.kind;
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
        if (event.dataTransfer) takeFiles(await droppedFiles(event.dataTransfer));
      }}
    >
      <h2 id="data-title">Images</h2>
      <div class="control">
        <label>
          <span>Data set</span>
          <select
            value={value}
            disabled={opening.value || !now}
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
      </div>
      {now ? (
        <>
          <Picture pixels={now.examples} label={`The first images of ${now.name}`} class="examples" />
          <p class="hint">
            {now.items.toLocaleString('en')} images to learn from, {now.testItems.toLocaleString('en')} to
            test with, {now.shape[1]} x {now.shape[0]}
            {now.shape[2] === 3 ? ' in colour' : ''}. Training sees no label.
          </p>
          {now.notes.map((sentence) => (
            <p key={sentence} class="hint">
              {sentence}
            </p>
          ))}
        </>
      ) : (
        <div class="examples placeholder" />
      )}
      {opening.value && <p role="status">Reading the images…</p>}
      <OwnImages />
    </section>
  );
}
