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
const groups = [...document.querySelectorAll('.group')];
const rows = [...document.querySelectorAll('.cell')].map((element) => ({
  element,
  keys: element.dataset,
  words: element.firstElementChild.textContent.toLowerCase(),
}));
const closed = groups.map((group) => !group.open);

function filter() {
  const terms = parseFilter(input.value);
  let count = 0;
  for (const row of rows) {
    const found = matchesFilter(terms, row);
    if (found) count += 1;
    if (row.element.hidden === found) row.element.hidden = !found;
  }
  groups.forEach((group, i) => {
    const some = group.querySelector('.cell:not([hidden])') !== null;
    group.hidden = !some;
    group.open = terms.length > 0 ? some : !closed[i];
  });
  shown.textContent = terms.length === 0 ? '' : count + ' of ' + rows.length + ' cells';
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
  if (element.hidden) {
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
  const visible = rows.filter(({ element }) => !element.hidden && element.parentElement.open);
  const at = visible.findIndex(({ element }) => element.contains(document.activeElement));
  const next = visible[at < 0 ? 0 : at + by];
  next?.element.firstElementChild.focus();
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

form.addEventListener('submit', (event) => event.preventDefault());
input.addEventListener('input', typed);
window.addEventListener('hashchange', follow);
form.hidden = false;
for (const button of document.querySelectorAll('.copy')) button.hidden = false;
if (location.hash !== '') follow();
})();`;
