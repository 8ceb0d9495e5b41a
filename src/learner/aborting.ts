/** Waiting for others, but not when the result is no longer wanted. */

/** `result` once it is there, or the signal's reason as an error as soon as it is aborted. */
export function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return result;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    // Also where it is aborted already: an error that comes later must not be left unhandled.
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
