// Additions to the web page where scripts run: a link beside each heading,
// a button beside each program that copies it in its plain form, and a tab
// stop for code and drawings that scroll sideways.
'use strict';
for (const heading of document.querySelectorAll('section[id] > :is(h1, h2, h3)')) {
  const link = document.createElement('a');
  link.href = '#' + heading.parentElement.id;
  link.className = 'permalink';
  link.textContent = '#';
  link.setAttribute('aria-label', 'Link to “' + heading.textContent.trim() + '”');
  heading.append(link);
}
for (const figure of document.querySelectorAll('figure.weave, figure.whole')) {
  const name = figure.dataset.file;
  const whole = document.getElementById('whole-' + name) || figure;
  const code = whole.querySelector('pre.code');
  if (!code || !navigator.clipboard) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy ' + name + ', the whole program');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  figure.prepend(button);
}
const reachable = () => {
  for (const wide of document.querySelectorAll('pre, .scene-drawn')) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute('tabindex');
  }
};
reachable();
addEventListener('resize', reachable);
