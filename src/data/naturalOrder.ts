/**
 * Names as people sort them: numbers inside by their value, all else by its characters. The same on every machine,
 * which an order by the rules of a language is not.
 */
export function naturalOrder(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, pieces: name.match(/\d+|\D+/g) ?? [] }))
    .sort((a, b) => comparePieces(a.pieces, b.pieces) || plain(a.name, b.name))
    .map(({ name }) => name);
}

/** Runs of digits, and what is between them. */
function comparePieces(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = isNumber(a[i]) && isNumber(b[i]) ? compareNumbers(a[i], b[i]) : plain(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As text, because a number may have more digits than fit. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || plain(x, y);
}

function isNumber(piece: string): boolean {
  return piece >= '0' && piece < ':';
}

function plain(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
