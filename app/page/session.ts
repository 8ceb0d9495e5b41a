/** How a visit begins and what is kept of it: the address says which settings, the browser remembers the rest. */
import { effect } from '@preact/signals';
import { type Address, readAddress, writeAddress } from '../address.js';
import type { DataChoice, FromTrainer } from '../protocol.js';
import { initialSettings } from '../settings.js';
import { change, open, withdraw } from './actions.js';
import { canKeep, dropSession, keepSession, mostKeptBytes, readSession, type Session } from './memory.js';
import { note } from './notices.js';
import * as state from './state.js';
import { dataFolder, findServed, tell } from './trainerClient.js';

/** Milliseconds between two times of keeping. */
const REST = 2500;

/** What is being brought back, until it is there. */
let restoring: Session | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Why nothing is kept is said once. */
let saidWhy = false;

/** Restores the last visit, or opens what the address asks for. */
export async function beginVisit(): Promise<void> {
  const served = findServed();
  const asked = readAddress(location.hash);
  for (const sentence of asked.refused) note(sentence);
  const kept = await readSession().catch(() => undefined);
  if (kept === 'odd') {
    await dropSession().catch(() => undefined);
    note('What this browser kept from your last visit could not be read, so it was dropped.');
  }
  const isPlain = location.hash.replace('#', '') === '';
  if (kept && kept !== 'odd' && (isPlain || writeAddress(addressOf(kept)) === writeAddress(asked))) {
    restore(kept);
  } else {
    await served;
    follow(asked);
    if (kept && kept !== 'odd') {
      note('The address asks for other settings than your last network had.', {
        label: 'Restore my last network',
        run: () => restore(kept),
      });
    }
  }
  effect(() => {
    if (state.phase.value !== 'ready') return;
    const fields = writeAddress({ data: nameOf(state.opened.value), settings: state.settings.value });
    const { pathname, search } = location;
    history.replaceState(null, '', pathname + search + (fields === '' ? '' : `#${fields}`));
  });
  addEventListener('hashchange', () => {
    const { data, settings, refused } = readAddress(location.hash);
    for (const sentence of refused) note(sentence);
    if (data !== nameOf(state.opened.value)) follow({ data, settings });
    else change(settings);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && timer !== undefined) keepNow();
  });
}

/** Listens to the trainer's messages, after they have changed the state. */
export function onMessage(message: FromTrainer): void {
  switch (message.kind) {
    case 'opened':
      if (restoring) state.curves.value = restoring.curves;
      if (state.opened.value.kind !== 'own') withdraw();
      break;
    case 'measured':
      if (restoring) sayRestored();
      restoring = undefined;
      timer ??= setTimeout(keepNow, REST);
      break;
    case 'kept':
      void keep(message.bytes);
      break;
    case 'refused':
      if (state.phase.value === 'loading') void fallBack();
      break;
  }
}

/** Forgets everything that was kept, and begins with the digits. */
export async function startOver(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  await dropSession().catch(() => undefined);
  state.notices.value = [];
  state.settings.value = initialSettings;
  withdraw();
  open({ kind: 'digits' });
}

function restore(session: Session): void {
  restoring = session;
  state.settings.value = session.settings;
  const { choice } = session;
  if (choice.kind === 'own') {
    state.pending.value = { name: choice.name, files: choice.files, image: choice.image };
    tell({ kind: 'preview', files: choice.files, image: choice.image });
  }
  open(choice, { name: 'the network of your last visit', bytes: session.model });
}

function sayRestored(): void {
  const { trained, measured, opened } = state;
  const labels = measured.value?.labels ?? 0;
  if (!trained.value && labels === 0 && opened.value.kind !== 'own') return;
  note('Restored from your last visit.', { label: 'Start over', run: () => void startOver() });
}

/** What was kept, or asked for, is not available; the digits always are. */
async function fallBack(): Promise<void> {
  if (restoring) {
    restoring = undefined;
    await dropSession().catch(() => undefined);
    note('Your last network could not be restored, so it was dropped.');
    withdraw();
  }
  open({ kind: 'digits' });
}

/** Opens what an address asks for. */
function follow({ data, settings }: Address): void {
  state.settings.value = settings;
  open(choiceOf(data));
}

function choiceOf(data: string): DataChoice {
  const set = state.served.value.find(({ name }) => name === data);
  if (set) return { kind: 'served', set, folder: dataFolder() };
  if (data === 'own') {
    note(
      'The address is of somebody’s own images, which a link cannot carry. These are the built-in digits.',
    );
  } else if (data !== 'digits') {
    note(`There is no data set “${data}” here. These are the built-in digits.`);
  }
  return { kind: 'digits' };
}

function nameOf(choice: DataChoice): string {
  return choice.kind === 'served' ? choice.set.name : choice.kind;
}

function addressOf({ choice, settings }: Session): Address {
  return { data: nameOf(choice), settings };
}

function keepNow(): void {
  clearTimeout(timer);
  timer = undefined;
  tell({ kind: 'keep' });
}

async function keep(model: Uint8Array): Promise<void> {
  const choice = state.opened.value;
  if (!canKeep(choice)) {
    sayWhy(
      `Your images are more than ${mostKeptBytes / 1e6} MB, too large to keep in this browser. ` +
        'After a reload, choose them again; to keep the network, download the model.',
    );
    return;
  }
  try {
    await keepSession({ choice, settings: state.settings.value, model, curves: state.curves.value });
  } catch {
    sayWhy('This browser does not let the page keep anything, so a reload would lose the network.');
  }
}

function sayWhy(text: string): void {
  if (!saidWhy) note(text);
  saidWhy = true;
}
