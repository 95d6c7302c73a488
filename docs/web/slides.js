// One slide at a time: space, an arrow, a page key or a tap goes on, first to
// the answer or the next step of a run, then to the next slide; the left
// arrow, or a tap at the left edge, goes back. 06.html#4 is slide 4.
'use strict';
const slides = [...document.querySelectorAll('.slide')], place = document.querySelector('.place');
let at = -1;
function show(n) {
  n = Math.max(0, Math.min(slides.length - 1, n));
  if (n === at) return;
  at = n;
  slides.forEach((slide, i) => slide.classList.toggle('on', i === at));
  place.textContent = `${at + 1}/${slides.length}`;
  history.replaceState(null, '', '#' + (at + 1));
  slides[at].querySelector('run-steps')?.draw?.();
}
function on() {
  const slide = slides[at], run = slide.querySelector('run-steps');
  if (slide.querySelector('.answer') && !slide.classList.contains('told')) slide.classList.add('told');
  else if (run?.run && run.at < run.run.steps.length) run.go(run.at + 1);
  else if (run?.run && run.number + 1 < run.data.scenes.length) run.scene(run.number + 1);
  else show(at + 1);
}
function back() {
  const run = slides[at].querySelector('run-steps');
  if (run?.run && run.at > 1) run.go(run.at - 1);
  else show(at - 1);
}
addEventListener('keydown', e => {
  if (e.altKey || e.ctrlKey || e.metaKey || e.target.matches('input, select')) return;
  const what = [' ', 'ArrowRight', 'PageDown', 'n', 'Enter'].includes(e.key) ? on
    : ['ArrowLeft', 'PageUp', 'p', 'Backspace'].includes(e.key) ? back
      : e.key === 'Home' ? () => show(0) : e.key === 'End' ? () => show(slides.length - 1) : undefined;
  if (!what) return;
  e.preventDefault();
  e.stopPropagation();
  what();
}, true);
addEventListener('click', e => {
  if (e.target.closest('.keys, .source, .drawing, summary')) return;
  if (e.clientX < innerWidth / 8) back();
  else on();
});
show((parseInt(location.hash.slice(1), 10) || 1) - 1);
addEventListener('hashchange', () => show((parseInt(location.hash.slice(1), 10) || 1) - 1));
