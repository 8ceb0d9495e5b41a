/** One kernel by itself, quickly compiled: what the build for engines that widen is timed against. */
export { forwardDense } from './dense';
