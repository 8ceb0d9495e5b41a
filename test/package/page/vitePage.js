import { show } from './show.js';

show(new Worker(new URL('./trainer.js', import.meta.url), { type: 'module' }));
