/** The class that a key stands for: 0 to 9 for the first ten, by their place, or where classes are digits by their name. */
export function classKey(event: KeyboardEvent, classes: number): number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^\d$/.test(event.key)) return undefined;
  const c = Number(event.key);
  return c < classes ? c : undefined;
}
