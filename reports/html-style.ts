/** The report's style sheet. Colour never carries a meaning alone: a glyph and a word go with it. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1f2328; --line: #8884; --valid: #1a7f37; --invalid: #cf222e;
  --unknown: #9a6700; --unsupported: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --valid: #3fb950; --invalid: #f85149;
  --unknown: #d29922; --unsupported: #9198a1; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: var(--page); color: var(--ink); }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
header { border-left: .5rem solid var(--line); padding: .25rem 1.25rem; margin: 1rem 0 2rem; }
header.valid { border-color: var(--valid); } header.invalid { border-color: var(--invalid); }
header.unknown { border-color: var(--unknown); }
h1 { font-size: 2.25rem; margin: 0; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; }
.kicker { margin: 0; opacity: .7; } .headline { font-size: 1.2rem; margin: .25rem 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem 2.25rem; list-style: none; padding: 0; margin: 1rem 0 .25rem; }
.tiles strong { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; font-weight: normal; }
thead th { font-size: .85rem; opacity: .75; }
.badge { white-space: nowrap; font-weight: 600; } .badge.valid { color: var(--valid); }
.badge.invalid { color: var(--invalid); } .badge.unknown { color: var(--unknown); }
.badge.unsupported { color: var(--unsupported); }
tr.proven td:nth-child(2) { color: var(--valid); font-weight: 600; }
tr.open td:nth-child(2) { color: var(--unsupported); }
a { text-decoration: none; color: inherit; }
pre { overflow-x: auto; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 6px;
  font-size: .85rem; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; } summary { cursor: pointer; }
.failures { list-style: none; padding: 0; } footer { margin-top: 3rem; opacity: .8;
  font-size: .9rem; }
figure { margin: .75rem 0; } .timeline { width: 100%; max-width: 54rem; font-size: 11px; }
.timeline text { fill: currentColor; } .timeline .axis { opacity: .75; }
.timeline .grid { stroke: var(--line); } .timeline .line { fill: none; stroke: currentColor;
  stroke-width: 1.4; } .timeline .band { fill: var(--unknown); opacity: .16; }
.timeline .band-name { font-size: 9px; } .timeline rect.ok { fill: #4078c0; }
.timeline rect.info { fill: #e69138; } .timeline rect.fail { fill: #cf6a87; }
@media print { details { display: block; } pre { white-space: pre-wrap; } }
`;
