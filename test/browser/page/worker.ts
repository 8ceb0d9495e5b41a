/** Trains when told which kernels to use. */
import { trainDigits } from './trainDigits.js';

self.onmessage = ({ data }) => {
  trainDigits({ kernel: data, threads: 2 }).then(
    (result) => self.postMessage(result),
    (error) => self.postMessage({ error: String(error) }),
  );
};
