/** What the visitor reads outside the cards; it stays until it is closed, and the same is said once. */
import * as state from './state.js';

const MOST = 3;

export function note(text: string, action?: state.Notice['action']): void {
  add({ text, kind: 'note', action });
}

export function refuse(text: string): void {
  add({ text, kind: 'error' });
}

export function close(notice: state.Notice): void {
  state.notices.value = state.notices.value.filter((each) => each !== notice);
}

/** Takes away what was refused before, when something new is tried. */
export function closeRefusals(): void {
  state.notices.value = state.notices.value.filter(({ kind }) => kind !== 'error');
}

function add(notice: state.Notice): void {
  const others = state.notices.value.filter(({ text }) => text !== notice.text);
  state.notices.value = [...others, notice].slice(-MOST);
}
