/** The kernels of index.ts, with the dense product in the form that some engines widen to 256 bits. */
export { dropoutMask } from './random';
export { listNonZeros, forwardSparse, updateSparse, adamSparse } from './sparse';
export { listItems, backwardDense, sumBlocks, backwardNarrow } from './dense';
export { forwardDense } from './dense256';
export { activate, squaredError, crossEntropy, adam } from './elementwise';
export { forwardTiles, packQuads, adamTiles } from './tiles';
export { frame, convolve, convolutionGradient, turnKernels } from './convolution';
export { pool, poolBackward } from './pool';
export { compete, competeBackward } from './competition';
export { settle, feedback, contrast } from './settle';
export { rise, fall, connect, connectionNorms } from './connection';
