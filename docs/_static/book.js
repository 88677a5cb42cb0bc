// Three small things: the words around what a search found, from words.js (a page opened from the disk may not fetch others),
// a focus for boxes that scroll sideways, so that a keyboard can reach what they hide, and a mark on tables with long cells,
// which a telephone shows row by row.

const scrolls = () => document.querySelectorAll('.bd-article pre, .bd-article .pst-scrollable-table-container, .bd-article .formula').forEach(box => {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
});

const ROLES = {TABLE: 'table', THEAD: 'rowgroup', TBODY: 'rowgroup', TR: 'row', TH: 'columnheader', TD: 'cell'}; // what laying a table out as blocks would hide

const wordy = table => {
  const names = [...table.querySelectorAll('thead th')].map(th => th.textContent.trim());
  if (names.length < 3 || table.querySelector('tbody th') || ![...table.querySelectorAll('td')].some(td => td.textContent.length > 35)) return;
  table.classList.add('wordy');
  table.querySelectorAll('tbody tr').forEach(row => [...row.children].forEach((cell, n) => { if (cell.textContent.trim()) cell.dataset.name = names[n]; }));
  [table, ...table.querySelectorAll('thead, tbody, tr, th, td')].forEach(part => part.setAttribute('role', ROLES[part.tagName]));
};

const around = (words, asked) => {
  const low = words.toLowerCase();
  const at = Math.max(0, ...asked.map(word => low.indexOf(word)).filter(n => n >= 0).slice(0, 1));
  const from = Math.max(0, words.lastIndexOf(' ', Math.max(0, at - 90)));
  return (from ? '… ' : '') + words.slice(from, words.indexOf(' ', from + 240) + 1 || undefined).trim() + ' …';
};

const explain = (item, asked) => {
  const link = item.querySelector('a');
  if (!link || item.querySelector('p.context')) return;
  const page = decodeURIComponent(new URL(link.href).pathname).split('/').slice(-2).join('/');
  const name = Object.keys(window.bookWords).find(name => page === name || page.endsWith('/' + name));
  if (!name) return;
  const p = document.createElement('p');
  p.className = 'context';
  const said = around(window.bookWords[name], asked);
  const parts = asked.length ? said.split(new RegExp('(' + asked.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|') + ')', 'i')) : [said];
  parts.forEach((part, n) => {
    if (n % 2 === 0) return p.append(part);
    const mark = document.createElement('mark');
    mark.textContent = part;
    p.append(mark);
  });
  item.append(p);
};

document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('.bd-article table').forEach(wordy);
  scrolls();
  addEventListener('resize', scrolls);
  const results = document.getElementById('search-results');
  if (!results) return;
  const asked = (new URLSearchParams(location.search).get('q') || '').toLowerCase().split(/\s+/).filter(Boolean);
  const script = document.createElement('script');
  script.src = '_static/words.js';
  script.onload = () => {
    const all = () => results.querySelectorAll('ul.search > li').forEach(item => explain(item, asked));
    all();
    new MutationObserver(all).observe(results, {childList: true, subtree: true});
  };
  document.head.append(script);
});
