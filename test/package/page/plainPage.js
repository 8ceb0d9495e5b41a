import { show } from './show.js';

show(new Worker('trainer.js'));
