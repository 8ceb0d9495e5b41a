/** Whether there is room for three columns, with all panels and the charts in them. */
import { signal } from '@preact/signals';

const query = matchMedia('(min-width: 1600px)');

export const wide = signal(query.matches);

query.addEventListener('change', () => {
  wide.value = query.matches;
});
