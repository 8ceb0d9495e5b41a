/** The kernels that src/wasm/compute/kernels.ts declares; every one takes (part, parts) first and does its share. */
export * from './layout';
export { dropoutMask } from './random';
export { scaleBytes, listNonZeros, forwardSparse, updateSparse, updateAndForwardSparse, adamSparse } from './sparse';
export { forwardDense, listItems, backwardDense, sumBlocks, backwardNarrow } from './dense';
export { loosenBounds, roundItems, forwardScreened } from './screen';
export { activate, squaredError, crossEntropy, adam } from './elementwise';
export { forwardTiles, packQuads, adamTiles } from './tiles';
export { frame, convolve, convolutionGradient, turnKernels } from './convolution';
export { pool, poolBackward } from './pool';
export { candidates, winnersTakeAll } from './winners';
export { compete, competeBackward } from './competition';
export { settle, nudge, feedback, contrast, copyRows } from './settle';
export { driveUp, driveDown, listMoving, driveBoth, driveUpFromBlocks, connect, connectionNorms } from './connection';
