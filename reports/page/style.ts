/** What the readiness page adds to the style sheet of all reports. */
export const PAGE_STYLE = `
main { max-width: 76rem; }
header { margin: 1rem 0 1.25rem; } h2 { margin: 1.5rem 0 .5rem; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem .75rem; list-style: none; padding: 0; margin: .75rem 0; }
.counts a { display: block; padding: .15rem .7rem; border: 1px solid var(--line); border-radius: 1rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.75rem; margin: .5rem 0 0; font-size: .9rem; }
.facts div { display: flex; gap: .4rem; } .facts dt { opacity: .7; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.failures li { border: 1px solid var(--line); border-left: .3rem solid var(--invalid); border-radius: 6px;
  padding: .4rem .75rem; margin: .4rem 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; }
.columns ul { padding-left: 1.2rem; margin: .25rem 0; } .columns details { border: 0; padding: 0; }
.failures li.unknown { border-left-color: var(--unknown); }
.columns .tiles { display: grid; grid-template-columns: max-content 1fr; padding: 0; gap: .1rem .75rem; font-size: .9rem; }
.columns .tiles li { display: contents; } .tiles strong { font-size: 1rem; text-align: right; }
section a, .counts a { text-decoration: none; } p a, .failures a { text-decoration: underline; }
a:focus-visible, summary:focus-visible, button:focus-visible, input:focus-visible, pre:focus-visible {
  outline: 2px solid #3b82f6; outline-offset: 2px; }
.chip { font-size: .8rem; padding: .05rem .5rem; border: 1px solid var(--line); border-radius: .75rem; }
.note { font-size: .9rem; opacity: .8; } p.note { margin: .25rem 0 .5rem; }
.copy { font: inherit; font-size: .8rem; padding: .05rem .6rem; border: 1px solid var(--line); border-radius: 6px;
  background: none; color: inherit; cursor: pointer; }
.search input { font: inherit; width: min(32rem, 100%); padding: .25rem .6rem; color: inherit;
  background: var(--page); border: 1px solid var(--line); border-radius: 6px; box-sizing: border-box; }
.section > summary h2 { display: inline; } .section { padding: .6rem 0; }
.group > summary { padding: .2rem 0; } .group { padding-bottom: .75rem; }
.cell { margin-left: 1rem; content-visibility: auto; contain-intrinsic-size: auto 2.2rem;
  overflow-wrap: anywhere; }
.figures { white-space: pre-line; font-size: .9rem; font-variant-numeric: tabular-nums; }
.status.proven { color: var(--valid); font-weight: 600; } .status.failed { color: var(--invalid); font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.scenario { white-space: nowrap; } #matrix td, #matrix tbody th { padding-top: .15rem; padding-bottom: .15rem; }
@media (max-width: 44rem) {
  main { padding: .5rem .9rem 3rem; } header { padding: .25rem .8rem; } h1 { font-size: 1.7rem; overflow-wrap: anywhere; }
  .columns { display: block; } .cell { margin-left: .25rem; }
  table, tbody, tr, td, tbody th { display: block; } thead { display: none; }
  tr { border: 1px solid var(--line); border-radius: 6px; padding: .3rem .7rem; margin: .4rem 0; }
  td, tbody th { border: 0; padding: .1rem 0; overflow-wrap: anywhere; } td:empty { display: none; }
  td[data-label]::before { content: attr(data-label) ': '; opacity: .7; font-size: .85rem; }
  tbody th { font-weight: 600; }
}
@media print {
  :root { color-scheme: light; } html { font-size: 10.5px; } body { font-size: 1rem; } h1 { font-size: 1.8rem; } h2 { margin: .6rem 0 .2rem; }
  main { max-width: none; padding: 0; } .search, .copy { display: none; }
  .cell { content-visibility: visible; } details { padding: .1rem 0; }
  #matrix td, #matrix tbody th { padding-top: 0; padding-bottom: 0; } tr, .cell, .failures li { break-inside: avoid; }
}
`;
