/** Which classes are taken for which: the matrix, the classes one by one, and the surest mistakes. */
import { regimeCalled } from '../../run/registry.js';
import { wilsonInterval } from '../../statistics/index.js';
import type { ClassResult } from '../../readout/index.js';
import { confusionMatrix } from '../charts/confusionMatrix.js';
import { scatter } from '../charts/scatter.js';
import { Html, html } from './html.js';
import { figure, section, table } from './page.js';
import type { Portrait, ShownMistake } from './portrait.js';
import type { RunRecord } from './runRecord.js';
import type { ReportTools } from './tools.js';
import { count } from './wording.js';

/** More classes than this are only in the table that can be copied. */
const CLASSES = 30;

export function confusionSection(
  run: RunRecord,
  portrait: Portrait,
  byClass: readonly ClassResult[],
  tools: ReportTools,
): Html {
  const { confusion, classes, mistakes, places, items } = portrait;
  const { document } = tools;
  const how =
    regimeCalled(run.config.regime).answers === 'neurons'
      ? 'An item is answered with the class whose neurons respond most on average (association, average).'
      : 'An item is answered with the class of the most active output.';
  return section('Confusion matrix', '', [
    figure(confusionMatrix(confusion, classes, { document }), `${count(items)} test items. ${how}`),
    html`<figure><h3>Recall and precision</h3>
${classTable(byClass)}
<figcaption>In percent. Recall: the share of a class's items that are answered with it, and its 95 % interval. Precision: the
share of the answers that are correct.</figcaption>
<details><summary>Confusion matrix as CSV</summary>
<pre>${confusionCsv(confusion, classes)}</pre></details></figure>`,
    places.length > 0
      ? figure(
          scatter(places, classes, { document }),
          `${count(places.length)} test items, placed by their outputs alone: items close to each other are alike to the ` +
            'network. The axes have no unit.',
        )
      : undefined,
    mistakes.length > 0 ? mistakesFigure(mistakes, run, tools) : undefined,
  ]);
}

function classTable(byClass: readonly ClassResult[]): Html {
  const shown = byClass.slice(0, CLASSES);
  const share = (part: number, of: number) => (of === 0 ? '-' : `${((100 * part) / of).toFixed(1)}`);
  const rows = shown.map(({ name, items, correct, answered }) => {
    const { low, high } = items > 0 ? wilsonInterval(correct, items) : { low: 0, high: 0 };
    return [
      name,
      count(items),
      share(correct, items),
      items > 0 ? `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}` : '-',
      share(correct, answered),
    ];
  });
  const left = byClass.length - shown.length;
  return html`${table(['class', 'items', 'recall', '95 % interval', 'precision'], rows)}${
    left > 0 && html`<p>And ${left} more classes, in the CSV below.</p>`
  }`;
}

/** One line for each class, and a first one with their names. */
export function confusionCsv(confusion: readonly ArrayLike<number>[], classes: readonly string[]): string {
  const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [
    ['class', ...classes].map(field).join(','),
    ...confusion.map((row, c) => [field(classes[c]), ...Array.from(row)].join(',')),
  ].join('\n');
}

function mistakesFigure(
  mistakes: readonly ShownMistake[],
  { config }: RunRecord,
  { png }: ReportTools,
): Html {
  const measure =
    regimeCalled(config.regime).answers === 'neurons'
      ? "the answer's share in the mean responses of all classes"
      : config.loss === 'cross-entropy'
        ? "the network's probability (softmax)"
        : "the answer's share in the sum of the outputs";
  const pictured = mistakes.some(({ pixels }) => pixels);
  return html`<figure class="across"><h3>Most confident mistakes</h3>
${
  pictured
    ? html`<div class="mistakes">${mistakes.map(
        ({ name, label, answer, confidence, pixels }) =>
          html`<div title="${name}">${
            pixels &&
            html`<img alt="${name}: ${label}" width="${pixels.width}" height="${pixels.height}" src="data:image/png;base64,${new Html(png(pixels))}">`
          }<span><strong>${answer}</strong>, not ${label}</span><span>${confidence.toFixed(0)} %</span></div>\n`,
      )}</div>`
    : table(
        ['item', 'answer', 'label', 'confidence (%)'],
        mistakes.map(({ name, answer, label, confidence }) => [name, answer, label, confidence.toFixed(0)]),
        true,
      )
}
<figcaption>The answer, the label and the confidence: ${measure}.</figcaption></figure>`;
}
