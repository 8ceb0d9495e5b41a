import { train } from './train.js';

train().then(
  (result) => self.postMessage(result),
  (error) => self.postMessage({ error: String(error) }),
);
