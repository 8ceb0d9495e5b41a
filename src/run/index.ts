/**
 * Runs: a configuration carried out, with a folder that is enough to repeat, resume and evaluate it. This is where
 * time and the file system are allowed; learners, targets, regimes and readouts are used here and know nothing
 * of it. What happens is reported as events, to a terminal, a program and the log alike.
 */
export { checkConfig, configSchema, type RunConfig } from './config.js';
export type { LearnerEntry, Plan, PlanContext, RegimeEntry, RuleEntry, Stage } from './entry.js';
export { ConfigError, RunError } from './errors.js';
export { type EvaluateOptions, type Evaluation, evaluateRun } from './evaluate.js';
export type * from './events.js';
export { type LogEntry, type ReadLog, readLog } from './log.js';
export { findPreset, listPresets, type Preset, type Settings } from './presets.js';
export { readRun, type RunDescription, type RunFiles, runFiles } from './runFolder.js';
export { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../learner/safetensors.js';
export { resolveConfig, type SettingsSources } from './settings.js';
export { type Extension, registry } from './registry.js';
export { type TrainOptions, train } from './train.js';
