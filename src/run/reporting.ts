/** Work that tells how it goes, inside a generator of events. */

/**
 * Yields what `work` tells while it goes, and answers its result. What is told faster than it is taken is passed
 * over, except for the latest.
 */
export async function* reporting<Event, Result>(
  work: (tell: (event: Event) => void) => Promise<Result>,
): AsyncGenerator<Event, Result> {
  const told: Event[] = [];
  let wake = (): void => undefined;
  let finished = false;
  const result = work((event) => {
    told[0] = event;
    wake();
  }).finally(() => {
    finished = true;
    wake();
  });
  // It is awaited below; until then its failure is nobody's.
  result.catch(() => undefined);
  while (!finished || told.length > 0) {
    const event = told.pop();
    if (event !== undefined) yield event;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  return result;
}
