/**
 * The page's script, inline: filter, keys, links that open what they lead to, copy buttons. The page
 * is complete without it. The filter lives in the address, after `#q=`, where a page opened from
 * disk may keep it, too.
 */
import { matchesFilter, parseFilter } from './filter.ts';

export const SCRIPT = `'use strict';
(() => {
${parseFilter.toString()}
${matchesFilter.toString()}
const form = document.querySelector('.search');
const input = document.getElementById('filter');
const shown = document.getElementById('shown');
const groups = [...document.querySelectorAll('.group')].map((element) => ({
  element,
  open: element.open,
  rows: [...element.querySelectorAll('.cell')].map(rowOf),
}));
const cells = groups.reduce((sum, { rows }) => sum + rows.length, 0);
// Showing thousands of lines at each key pressed would be slow.
const LIMIT = cells > 1000 ? 100 : Infinity;

function rowOf(element) {
  return { element, keys: element.dataset, words: element.firstElementChild.textContent.toLowerCase() };
}

function filter() {
  const terms = parseFilter(input.value);
  const limit = terms.length === 0 ? Infinity : LIMIT;
  let count = 0;
  let visible = 0;
  for (const group of groups) {
    const found = group.rows.filter((row) => matchesFilter(terms, row));
    const some = new Set(found.slice(0, limit - visible));
    count += found.length;
    visible += some.size;
    group.element.hidden = some.size === 0;
    group.element.open = terms.length > 0 || group.open;
    if (some.size === 0) continue;
    for (const row of group.rows) {
      const hide = !some.has(row);
      if (row.element.hidden !== hide) row.element.hidden = hide;
    }
  }
  const first = count > visible ? '; the first ' + visible + ' are shown' : '';
  shown.textContent = terms.length === 0 ? '' : count + ' of ' + cells + ' cells' + first;
}

function typed() {
  const query = input.value.trim();
  const address = query === '' ? location.pathname + location.search : '#q=' + encodeURI(query);
  history.replaceState(null, '', address);
  filter();
}

function follow() {
  const target = decodeURIComponent(location.hash.slice(1));
  if (target.startsWith('q=')) {
    input.value = target.slice(2);
    filter();
    document.getElementById('cells').scrollIntoView();
    return;
  }
  const element = target === '' ? null : document.getElementById(target);
  if (element === null) return;
  if (element.closest('[hidden]') !== null) {
    input.value = '';
    filter();
  }
  for (let at = element; at !== null; at = at.parentElement) {
    if (at.tagName === 'DETAILS') at.open = true;
  }
  element.scrollIntoView();
  element.querySelector('summary')?.focus({ preventScroll: true });
}

function step(by) {
  const visible = groups
    .filter(({ element }) => element.open && !element.hidden)
    .flatMap(({ rows }) => rows.filter(({ element }) => !element.hidden));
  const at = visible.findIndex(({ element }) => element.contains(document.activeElement));
  visible[at < 0 ? 0 : at + by]?.element.firstElementChild.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === input) {
    if (event.key === 'Escape') { input.value = ''; typed(); input.blur(); }
    if (event.key === 'Enter') { event.preventDefault(); step(1); }
    return;
  }
  if (event.key === '/') { event.preventDefault(); input.focus(); input.scrollIntoView({ block: 'center' }); }
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
  if (event.key === 'Escape' && input.value !== '') { input.value = ''; typed(); }
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('button.copy');
  if (button !== null) copy(button);
  const link = event.target.closest('a[href="' + location.hash + '"]');
  if (link !== null) follow();
});

function copy(button) {
  const command = button.dataset.copy ?? button.previousElementSibling.textContent;
  const say = (words) => { button.textContent = words; };
  const byHand = () => { window.prompt('Copy this command:', command); };
  if (navigator.clipboard === undefined) byHand();
  else navigator.clipboard.writeText(command).then(() => say('copied'), byHand);
}

document.addEventListener('toggle', ({ target }) => {
  const pre = target.matches('.cell[open]') ? target.querySelector('pre') : null;
  if (pre === null || pre.nextElementSibling !== null) return;
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'copy', textContent: 'copy replay' });
  button.dataset.copy = pre.textContent;
  pre.after(button);
}, true);

form.addEventListener('submit', (event) => event.preventDefault());
input.addEventListener('input', typed);
window.addEventListener('hashchange', follow);
form.hidden = false;
for (const button of document.querySelectorAll('.copy')) button.hidden = false;
if (location.hash !== '') follow();
})();`;
