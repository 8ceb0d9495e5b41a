// The dense product of the second layer alone, 16 items x 2000 x 2000, one thread, for every build of the kernels.
//   npm run build && node bench/product.mjs
import { createCompute, kernelBuilds } from '../dist/index.js';

const [BATCH, WIDTH, ROUNDS] = [16, 2000, 100];
// The first call decides which build is fastest here, and switches widening on where that is trusted.
const chosen = await createCompute({ threads: 1 });
console.log(`Node ${process.versions.node}; chosen here: ${chosen.kernel}`);
chosen.dispose();
for (const kernel of kernelBuilds) {
  const compute = await createCompute({ threads: 1, kernel });
  const [h, w, bias, z] = [BATCH * WIDTH, WIDTH * WIDTH, WIDTH, BATCH * WIDTH].map((n) =>
    compute.allocate(4 * n),
  );
  compute.f32(h, BATCH * WIDTH).forEach((_, i, all) => {
    all[i] = (i % 7) / 7;
  });
  compute.f32(w, WIDTH * WIDTH).forEach((_, i, all) => {
    all[i] = ((i % 11) - 5) / 100;
  });
  const times = Array.from({ length: ROUNDS }, () => {
    const before = performance.now();
    compute.run('forwardDense', h, w, bias, z, BATCH, WIDTH, WIDTH);
    return performance.now() - before;
  }).sort((a, b) => a - b);
  const ms = times[ROUNDS >> 1];
  const rate = (2 * BATCH * WIDTH * WIDTH) / ms / 1e6;
  console.log(`  ${kernel.padEnd(8)} median ${ms.toFixed(2)} ms, ${rate.toFixed(1)} GFLOP/s`);
  compute.dispose();
}
