/** The frame of a report: one file that needs nothing else, not even a script. */
import { Html, html } from './html.js';
import { reportStyle } from './style.js';

export function page(title: string, body: readonly Html[]): string {
  // The policy makes sure of it: a report that asked for anything from elsewhere would not get it.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>
${new Html(reportStyle)}
</style>
</head>
<body>
<main>
${body.map((part) => html`${part}\n`)}
</main>
</body>
</html>`}\n`;
}

/** A section with its figures; nothing where it has none. */
export function section(
  title: string,
  text: string,
  figures: readonly (Html | undefined)[],
  size: 'normal' | 'small' | 'medium' | 'wide' = 'normal',
): Html {
  const shown = figures.filter((each) => each !== undefined);
  if (shown.length === 0) return html``;
  return html`<section>
<h2>${title}</h2>
${text !== '' && html`<p>${text}</p>`}
<div class="figures ${size}">
${shown}
</div>
</section>`;
}

/** A chart with a sentence below it. */
export function figure(chart: SVGSVGElement, caption: string | Html = ''): Html {
  const below = caption !== '' && html`<figcaption>${caption}</figcaption>`;
  return html`<figure>${new Html(chart.outerHTML)}${below}</figure>\n`;
}

/** A table; columns from the second on are numbers unless `text` says otherwise. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  text = false,
): Html {
  const kind = (column: number) => (column > 0 && !text ? html` class="number"` : html``);
  return html`<div class="scroll"><table>
<thead><tr>${head.map((name, c) => html`<th scope="col"${kind(c)}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr>${row.map((cell, c) =>
      c === 0 ? html`<th scope="row">${cell}</th>` : html`<td${kind(c)}>${cell}</td>`,
    )}</tr>\n`,
)}</tbody>
</table></div>`;
}
