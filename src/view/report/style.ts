/** How a report looks: one column on a phone, as many as fit elsewhere, light or dark as the reader has it. */
import { chartStyle } from '../charts/theme.js';

export const reportStyle = `
${chartStyle}
:root { color-scheme: light dark; --text: #1b1d21; --line: #d9dce1; --soft: #f3f4f6; --link: #005a9c; --warn: #b45309; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --line: #363a42; --soft: #20242a; --link: #7ec0f2; --warn: #f5a04a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 24px 20px 48px; background: var(--chart-ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 40px 0 4px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 0.95rem; margin: 0 0 8px; }
p { margin: 4px 0 12px; max-width: 72ch; }
a { color: var(--link); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 32px 36px;
  margin-top: 16px; }
.figures figure { margin: 0; max-width: 520px; min-width: 0; }
.figures table { font-size: 0.8438rem; }
.figures.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 256px), 1fr)); gap: 24px 20px; }
.figures.medium { grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); }
.figures.medium figure { max-width: 640px; }
.figures.wide { grid-template-columns: 1fr; }
.figures.wide figure { max-width: 720px; }
.figures figure.across { grid-column: 1 / -1; max-width: none; }
.findings { border-left: 4px solid var(--warn); background: var(--soft); padding: 10px 16px; margin: 16px 0; border-radius: 0 6px 6px 0; }
.findings h2 { font-size: 1rem; margin: 0 0 4px; padding: 0; border: 0; color: var(--warn); }
.findings ul { margin: 0; padding-left: 1.2em; max-width: 84ch; }
.findings li { margin: 2px 0; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, 88px); gap: 14px 12px; }
.mistakes div { font-size: 0.8125rem; line-height: 1.35; overflow-wrap: anywhere; }
.mistakes img { display: block; width: 88px; height: auto; image-rendering: pixelated; margin-bottom: 4px; }
.mistakes span { display: block; }
figure svg { display: block; width: 100%; }
figcaption { font-size: 0.875rem; margin-top: 6px; opacity: 0.85; }
.keys { display: flex; flex-wrap: wrap; gap: 12px 36px; margin: 20px 0 8px; padding: 0; list-style: none; }
.keys strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.keys span { display: block; font-size: 0.875rem; opacity: 0.85; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9375rem; }
th, td { text-align: left; padding: 4px 16px 4px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
.figures th, .figures td { padding-right: 10px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pictures { display: grid; grid-template-columns: max-content 1fr; gap: 3px 10px; align-items: center; }
.pictures span { font-size: 0.8125rem; text-align: right; max-width: 110px; overflow-wrap: anywhere; }
.pictures img { display: block; width: 100%; max-width: 460px; height: auto; image-rendering: pixelated; }
pre { background: var(--soft); padding: 12px; overflow-x: auto; font-size: 0.8125rem; border-radius: 6px; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-size: 0.9em; overflow-wrap: anywhere; }
.note { background: var(--soft); padding: 10px 14px; border-radius: 6px; }
summary { cursor: pointer; padding: 6px 0; }
`.trim();
