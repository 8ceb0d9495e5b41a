/** Which build of the kernels runs here, and its compiled module: decided once per process. */
import { platform } from '#platform';
import {
  type Capabilities,
  decodeKernels,
  type KernelBuild,
  UnsupportedRuntimeError,
} from './capabilities.js';
import { isFaster, passesScreeningCheck, worksAlike } from './selfCheck.js';

/**
 * Versions of V8, by how they begin, on which all tests of kernels and learners pass with widening: `.ci/run` runs them there.
 * On these the wide build is the default. On others it runs when it is asked for by name, after the same self-check.
 */
const PROVEN_V8 = ['14.6.'];

const RELAXED_SIMD = '--experimental-wasm-relaxed-simd';
const WIDEN = '--experimental-wasm-revectorize';
/** Compiles everything for speed at once: later the engine would do it without the flag above, and what was checked would not be what runs. */
const AT_ONCE = ['--no-liftoff', '--no-wasm-lazy-compilation', '--no-wasm-deopt'];

export interface LoadedKernels {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module;
  /** See `Compute.screenLevels`. */
  readonly screenLevels: number;
}

/** The build asked for, or the fastest one that this runtime accepts. Throws {@link UnsupportedRuntimeError} where there is none. */
export async function loadKernels(
  wanted: KernelBuild | undefined,
  capabilities: Capabilities,
): Promise<LoadedKernels> {
  const { simd, relaxedSimd, behindFlags } = capabilities;
  if (!simd) {
    throw new UnsupportedRuntimeError(
      'this runtime has no WebAssembly SIMD; use Node 20.19 or later (without --jitless), or a browser of 2021 or later',
    );
  }
  if (!relaxedSimd && !behindFlags.relaxedSimd) {
    if (wanted !== undefined && wanted !== 'plain') {
      throw new UnsupportedRuntimeError(
        'this runtime has no relaxed WebAssembly SIMD; use the plain kernels',
      );
    }
    return load('plain', capabilities);
  }
  return load(wanted ?? ((await isWideBest(capabilities)) ? 'wide' : 'relaxed'), capabilities);
}

async function isWideBest(capabilities: Capabilities): Promise<boolean> {
  if (!capabilities.behindFlags.widening) return false;
  if (!PROVEN_V8.some((version) => platform.v8.startsWith(version))) return false;
  return (await wide(capabilities)).isFast;
}

function load(build: KernelBuild, capabilities: Capabilities): Promise<LoadedKernels> {
  const known = loaded.get(build) ?? make(build, capabilities);
  loaded.set(build, known);
  return known;
}

const loaded = new Map<KernelBuild, Promise<LoadedKernels>>();

async function make(build: KernelBuild, capabilities: Capabilities): Promise<LoadedKernels> {
  const { module, isWidened } =
    build === 'wide'
      ? await wide(capabilities)
      : { module: await compile(decodeKernels(build), build, capabilities), isWidened: false };
  const levels = build === 'plain' ? [] : [255, 127];
  const right = levels.find((most) => passesScreeningCheck(module, most, isWidened));
  return { build, module, screenLevels: right ?? 0 };
}

interface Wide {
  readonly module: WebAssembly.Module;
  /** Compiled at once and widened, to code that has passed the self-check. */
  readonly isWidened: boolean;
  /** Faster than the relaxed build, as it is where the processor has wide registers. */
  readonly isFast: boolean;
}

function wide(capabilities: Capabilities): Promise<Wide> {
  wideOnce ??= makeWide(capabilities);
  return wideOnce;
}

let wideOnce: Promise<Wide> | undefined;

/** The wide build: widened if the engine can do that, does it right and gains by it. */
async function makeWide(capabilities: Capabilities): Promise<Wide> {
  const bytes = decodeKernels('wide');
  // V8 has one code for modules of the same bytes. An empty section at their end makes them others.
  const asIs = await compile(Uint8Array.of(...bytes, 0, 2, 1, 0), 'wide', capabilities);
  if (!capabilities.behindFlags.widening) return { module: asIs, isWidened: false, isFast: false };
  // Not in steps: flags are set for nobody else in between.
  const widened = platform.withEngineFlags([WIDEN, ...AT_ONCE], () => new WebAssembly.Module(bytes));
  if (!worksAlike(asIs, widened)) return { module: asIs, isWidened: false, isFast: false };
  const yardstick = platform.withEngineFlags(
    AT_ONCE,
    () => new WebAssembly.Module(decodeKernels('yardstick')),
  );
  return { module: widened, isWidened: true, isFast: isFaster(widened, yardstick) };
}

/** A module as the engine compiles it by itself; with relaxed SIMD switched on for the moment where it is behind a flag. */
async function compile(
  bytes: Uint8Array<ArrayBuffer>,
  build: KernelBuild,
  { relaxedSimd }: Capabilities,
): Promise<WebAssembly.Module> {
  if (relaxedSimd || build === 'plain') return WebAssembly.compile(bytes);
  return platform.withEngineFlags([RELAXED_SIMD], () => new WebAssembly.Module(bytes));
}
