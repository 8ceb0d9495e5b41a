// The kernels that most of the time goes into, one thread, for every build: GFLOP/s.
//   npm run build && node bench/kernels.mjs
import { createCompute, kernelBuilds } from '../dist/index.js';

const ROUNDS = 40;

/** What a kernel is run on: the floats that its arguments have room for, the numbers after them, its operations. */
const kernels = {
  'dense, 16 x 2000 x 2000': dense(16, 2000),
  'convolution, 64 x 14 x 14, 32 to 128, 3 x 3': convolution(64, 14, 32, 128),
  'its gradient': gradient(64, 14, 32, 128),
  'wide layer, 64 x 6272 x 3008': wide(64, 6272, 3008),
  'its signal, gradient and Adam': wideUpdate(64, 6272, 3008),
};

// The first call decides which build is the default here, and checks the one for engines that widen.
const started = process.cpuUsage();
const chosen = await createCompute({ threads: 1 });
const { user, system } = process.cpuUsage(started);
console.log(
  `Node ${process.versions.node}; chosen here: ${chosen.kernel}, in ${((user + system) / 1e6).toFixed(2)} s of processor time`,
);
console.log(`GFLOP/s, medians of ${ROUNDS}`);
chosen.dispose();
console.log(' '.repeat(46) + kernelBuilds.map((build) => build.padStart(9)).join(''));
const rates = new Map(Object.keys(kernels).map((name) => [name, []]));
for (const kernel of kernelBuilds) {
  const compute = await createCompute({ threads: 1, kernel });
  for (const [name, work] of Object.entries(kernels)) rates.get(name).push(measure(compute, work));
  compute.dispose();
}
for (const [name, row] of rates) {
  console.log(`  ${name.padEnd(44)}${row.map((rate) => rate.toFixed(1).padStart(9)).join('')}`);
}

function measure(compute, { run, operations }) {
  const taken = [];
  const take = (length, value) => {
    const address = compute.allocate(4 * length);
    taken.push(address);
    const view = compute.f32(address, length);
    for (let i = 0; i < length; i++) view[i] = value(i);
    return address;
  };
  const step = run(compute, take);
  const times = Array.from({ length: ROUNDS }, () => {
    const before = performance.now();
    step();
    return performance.now() - before;
  }).sort((a, b) => a - b);
  for (const address of taken) compute.free(address);
  return operations / times[ROUNDS >> 1] / 1e6;
}

function some(i) {
  return ((i % 11) - 5) / 100;
}

function zero() {
  return 0;
}

function dense(batch, width) {
  return {
    operations: 2 * batch * width * width,
    run(compute, take) {
      const [h, w] = [batch * width, width * width].map((length) => take(length, some));
      const [bias, z] = [width, batch * width].map((length) => take(length, zero));
      return () =>
        compute.run('forwardDense', { h, weights: w, bias, z, batch, inputStride: width, stride: width });
    },
  };
}

/** Maps of `side` x `side` positions, kernels of 3 x 3. */
function convolution(batch, side, channels, outputs) {
  const frame = side + 2;
  return {
    operations: 2 * batch * side * side * 9 * channels * outputs,
    run(compute, take) {
      const x = take(batch * frame * frame * channels + 16, some);
      const w = take(9 * channels * outputs, some);
      const [bias, y] = [outputs, batch * side * side * outputs].map((length) => take(length, zero));
      return () =>
        compute.run('convolve', {
          x,
          weights: w,
          bias,
          slope: 0,
          y,
          batch,
          frameHeight: frame,
          frameWidth: frame,
          channels,
          height: side,
          width: side,
          outputs,
          stride: side * side * outputs,
          size: 3,
          step: 1,
        });
    },
  };
}

function gradient(batch, side, channels, outputs) {
  const frame = side + 2;
  return {
    operations: 2 * batch * side * side * 9 * channels * outputs,
    run(compute, take) {
      const x = take(batch * frame * frame * channels + 16, some);
      const delta = take(batch * side * side * outputs, some);
      const [to, bias] = [9 * channels * outputs, outputs].map((length) => take(length, zero));
      const scratch = take(side * side * 16, zero);
      return () =>
        compute.run('convolutionGradient', {
          x,
          delta,
          mask: 0,
          destination: to,
          biasDestination: bias,
          scratch,
          batch,
          frameHeight: frame,
          frameWidth: frame,
          channels,
          height: side,
          width: side,
          outputs,
          stride: side * side * outputs,
          size: 3,
          step: 1,
          factor: 1,
        });
    },
  };
}

function wide(batch, inputs, outputs) {
  return {
    operations: 2 * batch * inputs * outputs,
    run(compute, take) {
      const [x, w] = [batch * inputs, inputs * outputs].map((length) => take(length, some));
      const [bias, z, scratch] = [outputs, batch * outputs, batch * 256].map((length) => take(length, zero));
      return () =>
        compute.run('forwardTiles', {
          x,
          weights: w,
          bias,
          z,
          scratch,
          batch,
          inputStride: inputs,
          stride: outputs,
        });
    },
  };
}

function wideUpdate(batch, inputs, outputs) {
  return {
    operations: 4 * batch * inputs * outputs,
    run(compute, take) {
      const [x, w, delta] = [batch * inputs, inputs * outputs, batch * outputs].map((n) => take(n, some));
      const [first, second] = [0, 1].map(() => take(inputs * outputs, zero));
      const [bias, biasFirst, biasSecond] = [0, 1, 2].map(() => take(outputs, zero));
      const [slope, below] = [some, zero].map((value) => take(batch * inputs, value));
      const [packed, scratch] = [batch * outputs, batch * 256].map((length) => take(length, zero));
      compute.run('packQuads', { delta, packed, batch, stride: outputs });
      return () =>
        compute.run('adamTiles', {
          packed,
          x,
          weights: w,
          first,
          second,
          bias,
          biasFirst,
          biasSecond,
          slope,
          below,
          scratch,
          batch,
          inputStride: inputs,
          stride: outputs,
          rate: 1e-6,
          correction: 1,
        });
    },
  };
}
