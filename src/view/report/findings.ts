/** What is wrong with a run, from its record: also of runs that were logged before they could tell. */
import { type ClassResult, classResults } from '../../readout/index.js';
import { findProblems, type Problem } from '../../run/problems.js';
import type { Portrait } from './portrait.js';
import { accuracyOf, labelsAlone, lastReadout, type RunRecord, testItemsOf } from './runRecord.js';

/** The answers by class: as they were logged, else as the portrait counts them. */
export function classesOf(
  run: RunRecord,
  portrait?: Portrait | undefined,
): readonly ClassResult[] | undefined {
  return lastReadout(run)?.byClass ?? (portrait && classResults(portrait.confusion, portrait.classes));
}

/** The gravest first. */
export function findingsOf(run: RunRecord, portrait?: Portrait | undefined): Problem[] {
  const { neuronsPerClass, unnamedNeurons: silent } = lastReadout(run) ?? {};
  const alone = labelsAlone(run);
  const named = Object.values(neuronsPerClass ?? {}).reduce((sum, count) => sum + count, 0);
  return findProblems({
    regime: run.config.regime,
    gamma: run.config.target?.gamma ?? 0,
    accuracy: accuracyOf(run, 'trained') ?? {},
    untrained: accuracyOf(run, 'untrained') ?? {},
    pretrained: alone === undefined ? undefined : { test: alone },
    byClass: classesOf(run, portrait),
    testItems: testItemsOf(run),
    neurons: silent === undefined ? undefined : { all: named + silent, silent },
  });
}
