/** What to say after an unknown name. */
import { nearestName } from '../data/nearestName.js';

/** `; did you mean "x"?`, or what there is when nothing is close. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `; there is: ${known.join(', ')}` : `; did you mean "${nearest}"?`;
}
