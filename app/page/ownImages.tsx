/** The visitor's own files: first the files, then their size and colour with a look at the result, then the training. */
import { useRef } from 'preact/hooks';
import { propose, useOffered, withdraw } from './actions.js';
import { takeFiles } from './dataCard.jsx';
import { pickedFiles } from './dropped.js';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { plural } from './words.js';

/** Larger pictures have more values than a layer of neurons can be watched on. */
const largestSide = 64;
const smallestSide = 4;

export function OwnImages() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (picked: HTMLInputElement) => {
    if (picked.files && picked.files.length > 0) takeFiles(pickedFiles(picked.files));
    picked.value = '';
  };
  const disabled = state.phase.value !== 'ready';
  return (
    <div class="own">
      <h3>Use your own images</h3>
      <p class="hint">
        Drop a folder or an archive here, with one folder of pictures for each class. Loose pictures, a CSV
        file with the column “label” and IDX files work, too. They stay in your browser.
      </p>
      <div class="buttons">
        <button type="button" disabled={disabled} onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <button type="button" disabled={disabled} onClick={() => files.current?.click()}>
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
      <Offered />
    </div>
  );
}

/** The files that were chosen, before or after they are used. */
function Offered() {
  const { pending, preview, opened, opening } = state;
  if (!pending.value) return null;
  const { name, files, image } = pending.value;
  const used = opened.value.kind === 'own' && opened.value.files === files && opened.value.image === image;
  const hasPictures = preview.value?.picture !== undefined;
  const resize = (part: Partial<typeof image>) => propose({ name, files, image: { ...image, ...part } });
  return (
    <div class="offered" role="group" aria-label="Your images">
      <p>
        <strong>{name}</strong>
        {files.length > 1 && `, ${plural(files.length, 'file')}`}
      </p>
      {preview.value?.picture && (
        <Picture
          pixels={preview.value.picture}
          label="Some of your pictures as the network will see them"
          class="examples"
        />
      )}
      {preview.value?.message && <p class="hint">{preview.value.message}</p>}
      {!isTable(files.map(({ path }) => path)) && (
        <div class="row">
          <label>
            <span>Size</span>
            <input
              type="number"
              min={smallestSide}
              max={largestSide}
              value={image.width}
              onChange={({ currentTarget }) => {
                const wanted = Math.round(Number(currentTarget.value));
                const side = Math.min(largestSide, Math.max(smallestSide, wanted || image.width));
                currentTarget.value = String(side);
                resize({ width: side, height: side });
              }}
            />
            <span>x {image.height} pixels</span>
          </label>
          <label>
            <span>Colour</span>
            <select
              value={image.channels}
              onChange={({ currentTarget }) => resize({ channels: currentTarget.value === '3' ? 3 : 1 })}
            >
              <option value={1}>grey</option>
              <option value={3}>colour</option>
            </select>
          </label>
        </div>
      )}
      {!hasPictures && preview.value?.message === '' && (
        <p class="hint">The files are read when you use them.</p>
      )}
      {!used && (
        <div class="buttons">
          <button type="button" class="main" disabled={opening.value} onClick={useOffered}>
            {opened.value.kind === 'own' && opened.value.files === files
              ? 'Use this size'
              : 'Use these images'}
          </button>
          <button type="button" disabled={opening.value} onClick={withdraw}>
            Cancel
          </button>
        </div>
      )}
    </div>
  );
}

/** Tables and IDX files have a size of their own. */
function isTable(paths: readonly string[]): boolean {
  return paths.some((path) => /\.(csv|np[yz])(\.gz)?$|idx[13]-ubyte(\.gz)?$/i.test(path));
}
