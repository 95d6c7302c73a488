// The pages of the site where scripts run: search, the theme, a link beside
// each heading, a button that copies a program, and a tab stop for what
// scrolls sideways. Without this file all of the text is there.
'use strict';
const safe = text => text.replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const make = (tag, words) => Object.assign(document.createElement(tag), words);

// ------------------------------------------------------------- search
// The index is read when somebody searches, by a script: that works for a
// folder on a disk, too.
const form = document.querySelector('nav.book form'), box = form.querySelector('input');
const list = form.querySelector('ol'), count = form.querySelector('[role=status]');
let sections;
window.bookIndex = all => {
  sections = all.map(([to, title, text]) => ({ to, title, text, low: text.toLowerCase(), head: title.toLowerCase() }));
  search();
};
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(word => word.length > 1);
  list.hidden = !words.length || !sections;
  count.textContent = '';
  if (list.hidden) return;
  const found = sections.filter(s => words.every(word => s.low.includes(word) || s.head.includes(word)));
  for (const s of found) {
    s.rank = words.reduce((sum, word) => sum + 20 * s.head.includes(word) + Math.min(9, s.low.split(word).length), 0);
  }
  found.sort((a, b) => b.rank - a.rank);
  const marks = new RegExp(words.map(word => safe(word).replace(/[^\w&;]/g, '\\$&')).join('|'), 'gi');
  list.innerHTML = found.slice(0, 12).map(s => {
    const at = Math.max(0, s.low.indexOf(words.find(word => s.low.includes(word)) || '') - 50);
    return `<li><a href="${s.to}"><b>${safe(s.title)}</b>…${safe(s.text.slice(at, at + 150)).replace(marks, '<mark>$&</mark>')}…</a></li>`;
  }).join('');
  count.textContent = found.length ? `${found.length} ${found.length === 1 ? 'section' : 'sections'}` : 'Nothing found.';
}
box.addEventListener('focus', () => {
  if (document.getElementById('book-index')) return;
  document.head.append(make('script', { id: 'book-index', src: 'search.js' }));
});
box.addEventListener('input', search);
form.addEventListener('submit', e => {
  e.preventDefault();
  const first = list.querySelector('a');
  if (first) location.href = first.href;
});
form.addEventListener('keydown', e => {
  const all = [box, ...list.querySelectorAll('a')], step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step) {
    e.preventDefault();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }
});
addEventListener('keydown', e => {
  if (e.key === '/' && !e.target.matches('input, textarea, select')) {
    e.preventDefault();
    box.focus();
  }
  if (e.key === 'Escape') {
    box.value = '';
    search();
  }
});
list.addEventListener('click', () => { list.hidden = true; }); // the page may be this one

// -------------------------------------------------------------- theme
const root = document.documentElement, night = matchMedia('(prefers-color-scheme: dark)');
const theme = make('button', { type: 'button', className: 'theme' });
const isDark = () => (root.dataset.theme || (night.matches ? 'dark' : 'light')) === 'dark';
const named = () => {
  theme.textContent = isDark() ? 'Light' : 'Dark';
  theme.setAttribute('aria-label', theme.textContent + ' colours');
};
theme.addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  if (root.dataset.theme === (night.matches ? 'dark' : 'light')) root.dataset.theme = ''; // the system's again
  try { localStorage.setItem('theme', root.dataset.theme); } catch { /* this page only */ }
  named();
});
night.addEventListener('change', named);
named();
form.before(theme);

// ------------------------------------------------------------ contents
const here = document.querySelector('nav.book [aria-current]'), nav = document.querySelector('nav.book');
if (here) nav.scrollTop = here.offsetTop - nav.clientHeight / 3;

// ------------------------------------------------------------ headings
for (const heading of document.querySelectorAll('section[id] > :is(h1, h2, h3)')) {
  const link = make('a', { href: '#' + heading.parentElement.id, className: 'permalink', textContent: '#' });
  const words = heading.textContent.trim();
  heading.setAttribute('aria-label', words); // without the link, which would say them again
  link.setAttribute('aria-label', 'Link to “' + words + '”');
  heading.append(link);
}

// ------------------------------------------------------------ programs
// Over plain http there is no navigator.clipboard.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make('textarea', { value: text, readOnly: true, className: 'copied' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
for (const figure of document.querySelectorAll('figure.weave, figure.whole')) {
  const name = figure.dataset.file, whole = document.getElementById('whole-' + name) || figure;
  const code = whole.querySelector('pre.code');
  if (!code) continue;
  const button = make('button', { type: 'button', className: 'copy', textContent: 'Copy' });
  button.setAttribute('aria-label', 'Copy ' + name + ', the whole program');
  button.addEventListener('click', async () => {
    await copy(code.textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  figure.prepend(button);
}

// -------------------------------------------------------------- the rest
const reachable = () => {
  for (const wide of document.querySelectorAll('main pre, .scene-drawn')) {
    const stop = { tabindex: 0, role: 'group',
      'aria-label': wide.matches('.scene-drawn') ? 'Drawing' : wide.closest('.transcript, .dump') ? 'Output' : 'Code' };
    for (const name in stop) {
      if (wide.scrollWidth > wide.clientWidth) wide.setAttribute(name, stop[name]);
      else wide.removeAttribute(name);
    }
  }
};
reachable();
addEventListener('resize', reachable);
document.addEventListener('toggle', reachable, true); // a program is unfolded
