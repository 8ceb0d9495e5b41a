/** UMAP of a few hundred to a few thousand rows (McInnes, Healy, Melville, arXiv:1802.03426), the same for the same seed. */
import { UMAP } from 'umap-js';

export interface EmbeddingOptions {
  /** Uniform in [0, 1); what makes the result repeatable. */
  readonly random: () => number;
  /** Rows that a row is compared with; 15 by default. */
  readonly neighbours?: number;
  /** Rounds of the layout; umap-js chooses by the number of rows by default. */
  readonly epochs?: number;
}

/** A place in the plane for each row, so that near rows stay near. */
export function embed(rows: readonly Float32Array[], options: EmbeddingOptions): { x: number; y: number }[] {
  const { random, epochs } = options;
  const neighbours = Math.min(options.neighbours ?? 15, rows.length - 1);
  if (neighbours < 2) return rows.map((_, i) => ({ x: i, y: 0 }));
  const { indices, distances } = nearest(rows, neighbours + 1);
  const umap = new UMAP({ random, nNeighbors: neighbours + 1, ...(epochs && { nEpochs: epochs }) });
  umap.setPrecomputedKNN(indices, distances);
  // The rows themselves are not looked at any more, only how many they are.
  const places = umap.fit(rows.map((_, i) => [i]));
  return places.map(([x, y]) => ({ x, y }));
}

/**
 * The `count` nearest rows of each row by the cosine between them, itself first: by Euclidean distance the rows with
 * little in them would be near to everyone. Exact, by the rows' non-zeros: outputs of a trained network are mostly 0,
 * and umap-js, which takes dense rows and searches by chance, would need seconds.
 */
function nearest(rows: readonly Float32Array[], count: number) {
  const sparse = rows.map((row) => {
    const at = row.reduce<number[]>((list, value, i) => {
      if (value !== 0) list.push(i);
      return list;
    }, []);
    return { at: Uint32Array.from(at), norm: Math.hypot(...row) || 1 };
  });
  const n = rows.length;
  const indices: number[][] = [];
  const distances: number[][] = [];
  const to = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    const { at, norm } = sparse[i];
    for (let j = 0; j < n; j++) {
      const other = rows[j];
      let dot = 0;
      for (let e = 0; e < at.length; e++) dot += row[at[e]] * other[at[e]];
      to[j] = j === i ? -1 : 1 - dot / (norm * sparse[j].norm);
    }
    const order = Array.from({ length: n }, (_, j) => j).sort((a, b) => to[a] - to[b] || a - b);
    const found = order.slice(0, count);
    indices.push(found);
    distances.push(found.map((j) => Math.max(0, to[j])));
  }
  return { indices, distances };
}
