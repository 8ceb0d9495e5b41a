import type { Pixels } from 'selftarget/view';
import type { FromTrainer } from '../protocol.js';

/** What of a message is handed over rather than copied. */
export function transferables(message: FromTrainer): Transferable[] {
  const own = ({ data }: Pixels) => data.buffer;
  switch (message.kind) {
    case 'progress':
      return [own(message.progress.weights)];
    case 'looked':
      return [own(message.weights), own(message.top)];
    case 'saved':
    case 'kept':
      return [message.bytes.buffer as ArrayBuffer];
    default:
      return [];
  }
}
