/**
 * The library: a learner, a target, a regime that brings them together, and readouts. Everything here runs
 * unchanged in Node and in a browser (inside a worker); what needs files is in `selftarget/node`.
 */
export type { ConvolutionBlock, ConvolutionSpec, Pooling, Window } from './wasm/backprop/convolution.js';
export {
  BackpropNetwork,
  type NetworkActivation,
  type NetworkSpec,
  networkActivations,
} from './wasm/backprop/network.js';
export {
  type Capabilities,
  type KernelBuild,
  kernelBuilds,
  probe,
  UnsupportedRuntimeError,
} from './wasm/compute/capabilities.js';
export type { BehindFlags } from './wasm/compute/platform/platform.js';
export { type Compute, type ComputeOptions, createCompute } from './wasm/compute/compute.js';
export { ComputeDisposedError, KernelTrapError, WorkerLostError } from './wasm/compute/errors.js';
export type { MemoryReport } from './wasm/compute/memory.js';
export { suitableThreads } from './wasm/compute/suitableThreads.js';
export { type Augmentation, type AugmentationContext, mirror } from './data/augmentation.js';
export { BatchReader, batchOrder, readBatch } from './data/batches.js';
export type { CsvSource, TextStream } from './data/csv.js';
export { csvDataSet } from './data/csvDataSet.js';
export {
  type ByteItems,
  bytesDataSet,
  DataError,
  type DataSet,
  type LoadedDataSet,
  type NamedBytes,
  type Provenance,
  type SplitDataSet,
  subset,
  UNLABELLED,
} from './data/dataSet.js';
export { type DecodeOptions, decodeImage } from './data/decodeImage.js';
export type { Image } from './data/image.js';
export { digits } from './data/digits.js';
export { gunzip, isGzip } from './data/gzip.js';
export { type Idx, idxDataSet, readIdx } from './data/idx.js';
export { inputPower } from './data/inputPower.js';
export {
  type ImageFile,
  imageFolder,
  type ImageFolderOptions,
  type LoadingProgress,
} from './data/imageFolder.js';
export { type OwnDataOptions, ownDataSet } from './data/ownDataSet.js';
export type { OwnFile } from './data/ownFile.js';
export type { Picture, PictureReader, PictureRequest } from './data/pictures.js';
export { applyLabelFile } from './data/labelFile.js';
export { type ImageShape, Resampler } from './data/resample.js';
export { type Amount, complement, heldOut, parseAmount, stratified, trainValidation } from './data/split.js';
export { SelftargetError } from './errors.js';
export { EquilibriumNetwork } from './wasm/equilibrium/network.js';
export {
  type EquilibriumSettings,
  type EquilibriumSpec,
  equilibriumActivations,
  estimates,
  minimizers,
} from './wasm/equilibrium/spec.js';
export * from './learner/index.js';
export { type Loss, losses } from './wasm/bricks/loss.js';
export { type LearningRates, type Optimizer, optimizers } from './wasm/bricks/parameters.js';
export { classifierOn } from './wasm/classifier.js';
export * from './readout/index.js';
export * from './regimes/index.js';
export * from './target/index.js';
