/** What the connection between wide layers passes over must be at rest, however drives round. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { PANEL } from '../../../src/wasm/compute/kernels.js';
import { Parameters } from '../../../src/wasm/bricks/parameters.js';
import { WideConnection } from '../../../src/wasm/equilibrium/wideConnection.js';
import { testRandom } from '../compute/reference.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 1 });
});
afterAll(() => compute.dispose());

const INPUTS = 1024;
const OUTPUTS = 512;

function layer(width: number) {
  const take = () => compute.allocate(4 * width);
  const s = take();
  const change = compute.allocate(4 * compute.threads);
  return { width, stride: width, s, rho: s, mask: 0, drive: take(), feedback: take(), change };
}

test.each([0.01, 1, 100])(
  'no output rests whose drive is above zero by rounding alone, at drives of %d',
  (size) => {
    const random = testRandom(2);
    const [below, above] = [layer(INPUTS), layer(OUTPUTS)];
    const parameters = new Parameters(compute, 'layer', INPUTS, OUTPUTS, 'inputPanels', 'sgd');
    const scale = (4 * size) / INPUTS;
    const weights = compute.f32(parameters.weights, INPUTS * OUTPUTS);
    weights.forEach((_, j) => (weights[j] = scale * random()));
    const first = Float32Array.from({ length: INPUTS }, () => 0.5 * random());
    // A little straight on, so that the bound is what the drive will be.
    const next = first.map((x) => (1 + 1e-5) * x);
    const known = new WideConnection(compute, parameters, below, above, true);
    const unknown = new WideConnection(compute, parameters, below, above, false);
    for (const connection of [known, unknown]) connection.reserve(1);
    const values = compute.f32(below.rho, INPUTS);
    const bias = compute.f32(parameters.bias, OUTPUTS);
    const drive = compute.f32(above.drive, OUTPUTS);
    const influence = { mask: 0, target: 0, beta: 0 };
    values.set(next);
    bias.fill(0);
    unknown.driveUp(1, influence);
    // In the end half of the drives are zero, some are far below it and the others above by one step of single precision.
    const product = drive.slice();
    bias.set(product.map((p, i) => (i % 4 === 0 ? -2 * p : i % 2 ? -p : -p * (1 - 2 ** -24))));
    known.begin(false);
    values.set(first);
    known.driveUp(1, influence);
    expect(Math.max(...drive)).toBeLessThan(0);
    const path = known.path;
    if (!path) throw new Error('outputs can rest here');
    values.set(next);
    for (let p = 0; p < INPUTS / PANEL; p++) {
      const panel = Array.from({ length: PANEL }, (_, k) => p * PANEL + k);
      const sum = (term: (k: number) => number) => panel.reduce((total, k) => total + term(k), 0);
      compute.f32(path.squares, p + 1)[p] = sum((k) => (next[k] - first[k]) ** 2);
      compute.f32(path.products, p + 1)[p] = sum((k) => (next[k] - first[k]) * first[k]);
    }
    known.moved(1);
    drive.fill(NaN);
    known.driveUp(1, influence);
    const found = drive.slice();
    unknown.driveUp(1, influence);
    const resting = [...found].flatMap((z, i) => (Number.isNaN(z) ? [i] : []));
    expect(resting).toEqual(Array.from({ length: OUTPUTS / 4 }, (_, n) => 4 * n));
    expect(found.filter((z) => z >= 0).length).toBeGreaterThan(OUTPUTS / 2);
  },
);
