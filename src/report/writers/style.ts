/** The page's only style sheet. No attribute may carry style: the policy allows what has this text's hash and nothing else. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c2024; --soft: #5c6670; --line: #dcdfe3; --code: #f0f0ec;
  --accent: #0b6e75; --accent-soft: #0b6e7518; --bad: #b3261e; --bad-soft: #b3261e14; --good: #1b6e3c; --good-soft: #1b6e3c14;
  --warn: #8a5a00; --warn-soft: #8a5a0014; --samples: #8d99a6; --known: #6f8fb5; --unexplained: #b4b9bf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f23; --ink: #e6e8ea; --soft: #a0a9b2; --line: #343a41; --code: #23282d;
    --accent: #5cc4cc; --accent-soft: #5cc4cc1f; --bad: #ff8a80; --bad-soft: #ff8a8020; --good: #7ed69b; --good-soft: #7ed69b1c;
    --warn: #f0bf66; --warn-soft: #f0bf661c; --samples: #6b7682; --known: #7e9cc4; --unexplained: #565e67;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; background: var(--paper); color: var(--ink); scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: .2rem 0 .5rem; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .9rem; padding-top: .9rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.08rem; line-height: 1.4; margin: 1.6rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.3rem 0 .4rem; }
p { margin: 0 0 .8rem; max-width: 46rem; }
section { margin-top: 2.6rem; scroll-margin-top: 1rem; }
.kicker { color: var(--soft); font-size: .9rem; margin: 0; }
.state { display: inline-block; margin-left: .5rem; padding: .05rem .6rem; border-radius: 1rem; font-weight: 600; }
.state.good { color: var(--good); background: var(--good-soft); }
.state.warn { color: var(--warn); background: var(--warn-soft); }
.dim, .dim code { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.lede { font-size: 1.22rem; line-height: 1.5; font-weight: 600; }
small { color: var(--soft); font-size: .84rem; font-weight: 400; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { background: var(--code); padding: .1em .3em; border-radius: .25em; overflow-wrap: anywhere; }
pre { background: var(--code); padding: .7rem .9rem; border-radius: .4rem; overflow-x: auto; margin: .4rem 0 .9rem; }
pre code { background: none; padding: 0; overflow-wrap: normal; }
nav ol { max-width: none; list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: .7rem 0; margin: 1.3rem 0 0; border-block: 1px solid var(--line); font-size: .9rem; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
ul, ol { padding-left: 1.25rem; margin: 0 0 .9rem; max-width: 52rem; }
li { margin: .15rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .8rem; margin: 1.3rem 0 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem .95rem; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.45rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; }
.figures small { display: block; font-size: .82rem; line-height: 1.4; }
.fields { margin: 0 0 1rem; }
.fields div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .2rem 1rem; padding: .28rem 0; border-bottom: 1px solid var(--line); }
.fields dt { color: var(--soft); } .fields dd { margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .35rem; }
th, td { text-align: left; vertical-align: top; padding: .42rem .9rem .42rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .84rem; color: var(--soft); font-weight: 600; border-bottom-color: var(--soft); white-space: nowrap; }
td:first-child { min-width: 4rem; }
.number { text-align: right; white-space: nowrap; }
#timeline td:nth-child(-n+2), #mitigations td:first-child { white-space: nowrap; }
figure { margin: .4rem 0 1.5rem; }
.chart { display: block; width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.chart.narrow { display: none; }
.chart text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
.grid line { stroke: var(--line); } .axis line { stroke: var(--soft); }
.samples { fill: none; stroke: var(--samples); stroke-width: 1.2; }
.below-floor { fill: var(--accent-soft); }
.floor { fill: none; stroke: var(--accent); stroke-width: 2.2; }
.slope { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 9 6; } .slope.projected { stroke-width: 1.5; stroke-dasharray: 2 5; stroke-linecap: round; }
.limit { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 2 3; }
.chart text.limit-text { fill: var(--bad); font-weight: 600; }
.mark line { stroke: var(--soft); stroke-dasharray: 2 3; opacity: .55; }
.mark circle, .mark rect { fill: var(--soft); } .mark.capture rect { fill: var(--accent); }
.mark.action circle { fill: var(--ink); } .mark.alert circle, .mark.restart circle { fill: var(--bad); }
.chart .mark text { fill: var(--card); font-size: 11px; font-weight: 700; }
figcaption { font-size: .88rem; margin-top: .5rem; color: var(--soft); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.3rem; padding: 0; margin: 0 0 .5rem; }
.swatch { display: inline-block; width: 1.5rem; height: 0; margin-right: .45rem; vertical-align: .28em; border-top: 2px solid; }
.swatch.samples { border-color: var(--samples); } .swatch.floor { border-color: var(--accent); border-top-width: 3px; }
.swatch.slope { border-color: var(--bad); border-top-style: dashed; } .swatch.limit { border-color: var(--bad); border-top-style: dotted; border-top-width: 3px; }
.marks { list-style: none; padding: 0; margin: 0; columns: 2; column-gap: 2rem; max-width: none; }
.marks li { display: flex; gap: .55rem; break-inside: avoid; margin: 0 0 .3rem; }
.marks li > span:last-child { min-width: 0; overflow-wrap: anywhere; }
.marks .sign { flex: none; width: 1.35rem; height: 1.35rem; border-radius: 50%; background: var(--soft); color: var(--card); font-size: .75rem; font-weight: 700; display: grid; place-items: center; }
.marks .capture { border-radius: .25rem; background: var(--accent); } .marks .action { background: var(--ink); } .marks .alert, .marks .restart { background: var(--bad); }
.growth { margin-bottom: 1rem; } .growth th[scope=row] { overflow-wrap: anywhere; font-weight: 400; padding-right: 1.5rem; width: 75%; }
.growth tfoot th[scope=row], .growth tfoot td { font-weight: 650; border-bottom: 0; border-top: 1px solid var(--soft); }
.bar { display: block; width: 100%; height: .55rem; margin: .4rem 0 .15rem; border-radius: .15rem; }
.bar .track { fill: var(--code); } .bar .cause { fill: var(--bad); } .bar .known { fill: var(--known); } .bar .unexplained { fill: var(--unexplained); }
.finding { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .2rem 1.3rem .8rem; margin: 0 0 1.3rem; scroll-margin-top: 1rem; }
.finding h3 { margin-top: .9rem; font-size: 1.15rem; }
.tags { margin: 0 0 .6rem; }
.tag { display: inline-block; font-size: .82rem; border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .65rem; color: var(--soft); margin-right: .4rem; }
.tag.warn { color: var(--warn); border-color: currentColor; }
.path { list-style: none; padding: 0; margin: .3rem 0 1rem; max-width: none; }
.path li { display: flex; gap: .75rem; padding: 0 0 .6rem; margin: 0; position: relative; }
.path li:not(:last-child)::before { content: ""; position: absolute; left: .67rem; top: 1.5rem; bottom: -.1rem; border-left: 2px solid var(--line); }
.path .sign { flex: none; width: 1.4rem; height: 1.4rem; }
.path .sign circle { fill: var(--card); stroke: currentColor; stroke-width: 1.6; } .path .sign path { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.step-yes > .sign, .step-yes .label { color: var(--bad); } .step-no > .sign, .step-no .label { color: var(--good); } .step-unknown > .sign, .step-unknown .label { color: var(--warn); }
.path div { min-width: 0; } .path p { margin: 0; overflow-wrap: anywhere; } .path .why { font-size: .88rem; color: var(--soft); }
.path .label { font-weight: 600; } .handle { white-space: nowrap; color: var(--soft); }
.suspect > div { border-left: 3px solid var(--bad); padding: .1rem 0 .1rem .7rem; background: var(--bad-soft); border-radius: 0 .3rem .3rem 0; flex: 1; }
.path .suspect-text { color: var(--bad); font-weight: 650; font-size: .9rem; }
.command { border-left: 3px solid var(--accent); padding: .1rem 0 0 .9rem; margin: 0 0 .9rem; } .command p { margin: 0; } .command pre { margin-top: .3rem; }
footer { margin-top: 3rem; padding-top: .9rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) {
  body { padding: 1.4rem 1rem 3rem; } h1 { font-size: 1.55rem; } .lede { font-size: 1.1rem; }
  .chart.wide { display: none; } .chart.narrow { display: block; }
  .marks { columns: 1; } .fields div { grid-template-columns: 1fr; gap: 0; padding: .4rem 0; } .fields dt { font-size: .85rem; }
  .figures { grid-template-columns: 1fr 1fr; } .figures dd { font-size: 1.2rem; }
  .finding { padding: .1rem .9rem .6rem; } .growth th[scope=row] { width: auto; padding-right: .8rem; }
  table { font-size: .9rem; }
  .stacks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacks, .stacks caption, .stacks tbody { display: block; } .stacks tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .stacks td { display: block; border: 0; padding: .05rem 0; text-align: left; white-space: normal; min-width: 0; }
  .stacks td.short { display: inline-block; margin-right: .9rem; }
  .stacks td[data-label]:not([data-label=""])::before { content: attr(data-label) " "; color: var(--soft); font-size: .84rem; }
  .stacks td:empty { display: none; }
  #timeline td:nth-child(-n+2), #mitigations td:first-child { white-space: normal; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #4a4f55; --line: #c9ccd0; --code: #f2f2f2; --accent: #0b6e75; --accent-soft: #0b6e7514; --bad: #a3211a; --bad-soft: #fdf1f0; --good: #1b6e3c; --good-soft: #f0f7f2; --warn: #7a5000; --warn-soft: #fbf5ea; --samples: #8d99a6; --known: #6f8fb5; --unexplained: #b4b9bf; }
  @page { margin: 16mm 14mm; }
  html { font-size: 10.5pt; } body { max-width: none; padding: 0; }
  nav { display: none; } section { margin-top: 1.6rem; }
  .chart.wide { display: block; } .chart.narrow { display: none; } .marks { columns: 2; } .fields div { grid-template-columns: 8rem minmax(0, 1fr); }
  h2, h3, h4, caption { break-after: avoid; } figure, tr, .figures div, .path li, .command, pre { break-inside: avoid; }
  pre { white-space: pre-wrap; } .scroll { overflow: visible; } a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`;
