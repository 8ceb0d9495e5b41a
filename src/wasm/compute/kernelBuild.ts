/** Which build of the kernels runs here, and its compiled module: decided once per process. */
import {
  type Capabilities,
  decodeKernels,
  type KernelBuild,
  setWidening,
  UnsupportedRuntimeError,
} from './capabilities.js';
import { passesScreeningCheck, passesSelfCheck } from './selfCheck.js';

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
  if (!capabilities.simd) {
    throw new UnsupportedRuntimeError(
      'this runtime has no WebAssembly SIMD; use Node 20.19 or later, or a browser of 2021 or later',
    );
  }
  const build = wanted ?? (await fastestKernel(capabilities));
  if (build !== 'plain' && !capabilities.relaxedSimd) {
    throw new UnsupportedRuntimeError('this runtime has no relaxed WebAssembly SIMD; use the plain kernels');
  }
  // Asked for by name, too, as by a run that is resumed: without widening this build is the slowest.
  if (build === 'wide') await widens(capabilities);
  const module = await compiled(build);
  return { build, module, screenLevels: build === 'plain' ? 0 : levelsOf(build, module) };
}

/** The kernels, compiled once per process, so that what runs is what was checked. */
function compiled(kernel: KernelBuild): Promise<WebAssembly.Module> {
  const known = modules.get(kernel) ?? WebAssembly.compile(decodeKernels(kernel));
  modules.set(kernel, known);
  return known;
}

const modules = new Map<KernelBuild, Promise<WebAssembly.Module>>();

/** `Compute.screenLevels`, found out once per process and build. */
function levelsOf(kernel: KernelBuild, module: WebAssembly.Module): number {
  const known = levelsOfBuilds.get(kernel);
  if (known !== undefined) return known;
  const levels = [255, 127].find((most) => passesScreeningCheck(module, most)) ?? 0;
  levelsOfBuilds.set(kernel, levels);
  return levels;
}

const levelsOfBuilds = new Map<KernelBuild, number>();

/** The fastest build that this runtime runs correctly. */
async function fastestKernel(capabilities: Capabilities): Promise<KernelBuild> {
  if (!capabilities.relaxedSimd) return 'plain';
  return (await widens(capabilities)) ? 'wide' : 'relaxed';
}

/** Whether the engine widens, switched on if it can. Answered once per process: the engine's flag is the process's. */
async function widens({ relaxedSimd, widening }: Capabilities): Promise<boolean> {
  if (!relaxedSimd || !widening) return false;
  widened ??= tryWidening();
  return widened;
}

let widened: Promise<boolean> | undefined;

async function tryWidening(): Promise<boolean> {
  setWidening(true);
  const passed = passesSelfCheck(await compiled('wide'));
  if (passed) return true;
  setWidening(false);
  // V8 goes on with the code that it has for a module's bytes, so these get an empty section at their end.
  modules.set('wide', WebAssembly.compile(Uint8Array.of(...decodeKernels('wide'), 0, 2, 1, 0)));
  return false;
}
