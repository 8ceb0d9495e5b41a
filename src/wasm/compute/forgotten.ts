/** Warns of things that were dropped without being disposed, when the garbage collector finds them. */

/** What remains of something forgotten. It must not refer to the thing itself. */
interface Remains {
  /** What to warn of, or nothing when it no longer matters. May clean up. */
  readonly find: () => string | undefined;
  readonly onWarning: ((message: string) => void) | undefined;
}

const forgotten = new FinalizationRegistry<Remains>(({ find, onWarning }) => {
  const message = find();
  if (message) (onWarning ?? warn)(message);
});

/**
 * Calls `find`, which must not refer to `owner`, when `owner` has become unreachable, and warns with what it answers.
 * Returns a function that ends this.
 */
export function warnIfForgotten(
  owner: object,
  find: () => string | undefined,
  onWarning?: (message: string) => void,
): () => void {
  const token = {};
  forgotten.register(owner, { find, onWarning }, token);
  return () => void forgotten.unregister(token);
}

function warn(message: string): void {
  if (typeof process === 'object' && typeof process.emitWarning === 'function') {
    process.emitWarning(message, 'SelftargetWarning');
  } else {
    console.warn(message);
  }
}
