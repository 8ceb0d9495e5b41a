// Preloaded (--import): in workers, the text FAULT[0] of threads.js is replaced by FAULT[1].
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const [sound, fault] = JSON.parse(process.env.FAULT);

threads.Worker = class extends threads.Worker {
  constructor(source, options) {
    const isOurs = typeof source === 'string' && source.includes('function serve(');
    if (isOurs && !source.includes(sound)) throw new Error(`nothing to replace: ${sound}`);
    super(isOurs ? source.replace(sound, () => fault) : source, options);
  }
};
syncBuiltinESMExports();
