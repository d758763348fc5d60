/** The style of the page of a report. Its digest stands in the page's Content-Security-Policy, and nothing else is let in. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --panel: #ffffff; --line: #d9dbd8; --ink: #1b1e1c; --quiet: #565d58;
  --bar: #2f6f6a; --high: #a8201a; --medium: #8a5300; --low: #45607a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #141716; --panel: #1c201e; --line: #39403c; --ink: #e9ece9; --quiet: #a8b0ab;
    --bar: #5fb3ab; --high: #ff9086; --medium: #f0b45a; --low: #9dbcda;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header, footer { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
.summary { margin-bottom: 1.25rem; }
ul { margin: 0 0 .75rem; padding-left: 1.25rem; max-width: 44rem; }
li + li { margin-top: .25rem; }
p { margin: 0 0 .75rem; max-width: 44rem; }
a { color: inherit; text-underline-offset: .15em; }
.quiet { color: var(--quiet); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1rem; margin: 1rem 0; font-size: .9375rem; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
ul.tiles { max-width: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; padding: 0; margin: 1.25rem 0 0; list-style: none; }
ul.tiles li { margin: 0; }
ul.tiles li, .panel { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
ul.tiles strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
ul.tiles span { color: var(--quiet); font-size: .875rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .75rem; }
.charts .wide { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; }
table.bars th { font-weight: normal; white-space: nowrap; width: 1%; }
table.bars th .mark { display: inline-block; width: 4.75rem; text-align: center; margin-right: .5rem; }
table.bars td:last-child { text-align: right; padding-right: 0; width: 1%; font-variant-numeric: tabular-nums; }
table.bars svg { display: block; width: 100%; height: 1rem; margin-top: .1875rem; }
svg rect { fill: var(--bar); }
svg .high { fill: var(--high); } svg .medium { fill: var(--medium); } svg .low { fill: var(--low); }
svg.weeks { display: block; width: 100%; height: 8rem; }
.axis { display: flex; justify-content: space-between; border-top: 1px solid var(--line); padding-top: .25rem; font-size: .8125rem; color: var(--quiet); }
.mark { font-size: .75rem; font-weight: 600; letter-spacing: .04em; text-transform: uppercase; border: 1px solid; border-radius: 1rem; padding: .0625rem .5rem; white-space: nowrap; }
.mark.high { color: var(--high); } .mark.medium { color: var(--medium); } .mark.low { color: var(--low); }
section.finding { margin-top: 1rem; }
section.finding h3 { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; font-size: 1.0625rem; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
table.keys { min-width: 42rem; }
table.keys thead th { color: var(--quiet); font-weight: 600; border-bottom: 1px solid var(--line); }
table.keys tbody tr + tr > * { border-top: 1px solid var(--line); }
table.keys tbody th { font-weight: normal; }
table.keys td { max-width: 18rem; }
table.keys bdi { overflow-wrap: anywhere; }
table.keys code, table.keys td.role { white-space: nowrap; }
code { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--quiet); overflow-wrap: anywhere; }
details { margin-top: .5rem; font-size: .875rem; }
summary { cursor: pointer; color: var(--quiet); }
footer { padding-top: 2rem; padding-bottom: 3rem; color: var(--quiet); font-size: .875rem; }
@media screen and (max-width: 44rem) {
  .summary tr { display: grid; grid-template-columns: 1fr auto; column-gap: .75rem; padding-bottom: .5rem; }
  .summary table.bars th { grid-column: 1 / -1; width: auto; white-space: normal; padding-bottom: 0; }
  .summary table.bars td { padding-right: 0; width: auto; }
  table.keys { min-width: 0; }
  table.keys thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.keys tbody, table.keys tr, table.keys th, table.keys td { display: block; max-width: none; padding: 0; }
  table.keys tbody tr { padding: .625rem 0; }
  table.keys tbody tr + tr { border-top: 1px solid var(--line); }
  table.keys tbody tr + tr > * { border-top: 0; }
  table.keys tbody td { margin-top: .25rem; }
  table.keys tbody td::before { content: attr(data-title) ": "; color: var(--quiet); }
  table.keys code { white-space: normal; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --panel: #fff; --line: #bbb; --ink: #000; --quiet: #444;
    --bar: #2f6f6a; --high: #a8201a; --medium: #8a5300; --low: #45607a; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  .scroll { overflow: visible; }
  table.keys { min-width: 0; }
  thead { display: table-header-group; }
  tr, .panel.chart, ul.tiles li, h2, h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  section.finding { border: 0; padding: 0; }
  svg rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details { display: none; }
  @page { margin: 15mm; }
}
`;
