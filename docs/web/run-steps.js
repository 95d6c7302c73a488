// <run-steps data-run="06">: a recorded run that the reader steps through. It
// stands around what shows the whole run, a drawing and its text: that is
// all there is without scripts, and stays below, folded. docs/filters/steps.lua
// makes the data, steps/06.js, a script, since a page from a disk may fetch
// nothing; with data-here, the page holds it. What is drawn was drawn before: here it is uncovered.
//
//   run.start   called with the data; run.go(n), run.scene(i)   for others
'use strict';
(() => {
  const waiting = {};
  window.runSteps = data => {
    for (const run of waiting[data.name] || []) run.start(data);
  };
  const safe = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
  const code = text => `<code>${safe(text)}</code>`;
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  customElements.define('run-steps', class extends HTMLElement {
    connectedCallback() {
      if (this.data) return;
      const run = this.dataset.run;
      (waiting[run] ||= []).push(this);
      if (this.hasAttribute('data-here') || waiting[run].length > 1 || document.getElementById('steps-' + run)) return;
      const script = document.createElement('script');
      script.src = 'steps/' + run + '.js';
      document.head.append(script);
    }

    // ------------------------------------------------------------ set up
    start(data) {
      this.data = data;
      this.setAttribute('role', 'region');
      this.setAttribute('aria-label', `Run ${data.name}, step by step`);
      const whole = document.createElement('details'), title = document.createElement('p');
      whole.className = 'whole-run';
      whole.innerHTML = '<summary>The whole run, as a drawing and as text</summary>';
      const figure = this.querySelector('figure.ladder'), caption = figure?.querySelector('figcaption');
      title.className = 'caption';
      title.innerHTML = caption ? caption.innerHTML : `scripts/demo ${safe(data.name)}: ${safe(data.scenes[0].title)}.`;
      caption?.remove();
      if (figure) {
        this.id = figure.id;
        figure.removeAttribute('id');
      }
      whole.append(...this.childNodes);
      addEventListener('beforeprint', () => { whole.open = true; });
      const root = this.root = document.createElement('div');
      root.className = 'steps';
      root.innerHTML = `<div class="sources">${data.programs.map((p, i) => `<div class="source" data-program="${i + 1}" tabindex="0" role="group" aria-label="${safe(p.name)}, the source"><b>${safe(p.name)}</b><ol>${p.lines.map(line => `<li>${line || ' '}</li>`).join('')}</ol></div>`).join('')}</div>
<div class="drawing" tabindex="0" role="img" aria-label="The run so far, drawn; each step says what it adds"><div class="heads"></div><div class="rows"></div></div>
<div class="tables" role="group" aria-label="Descriptors"></div>
<div class="say" role="status" aria-live="polite" aria-atomic="true"></div>
<div class="keys" role="group" aria-label="Steps"><button type="button" class="back" aria-label="One step back">◀</button><button type="button" class="on"></button>${data.scenes.length > 1 ? `<select aria-label="Scene">${data.scenes.map((s, i) => `<option value="${i}">${safe(s.title)}</option>`).join('')}</select>` : ''}<input type="range" min="1" aria-label="Step" /><a class="at" title="A link to this step"></a></div>`;
      this.append(title, root, whole);
      this.$ = selector => root.querySelector(selector);
      this.$('.on').addEventListener('click', () => this.go(this.at + 1));
      this.$('.back').addEventListener('click', () => this.go(this.at - 1));
      this.$('input').addEventListener('input', e => this.go(+e.target.value));
      this.$('select')?.addEventListener('change', e => this.scene(+e.target.value));
      root.addEventListener('keydown', e => this.key(e));
      let from;
      root.addEventListener('touchstart', e => { from = e.target.closest('.say, .tables') && e.touches[0]; }, { passive: true });
      root.addEventListener('touchend', e => {
        const to = e.changedTouches[0], x = from ? to.clientX - from.clientX : 0;
        if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(to.clientY - from.clientY)) this.go(this.at - Math.sign(x));
      }, { passive: true });
      // The widest table counts for the size of all meters.
      this.most = Math.max(1, ...data.scenes.flatMap(s => s.steps).flatMap(s => Object.values(s.tables || {})).flat().map(row => row[4]));
      this.linked() || this.scene(0);
      addEventListener('hashchange', () => this.linked());
    }
    // A link to a step: #06.1.13 is step 13 of the first scene.
    linked() {
      const [, run, scene, step] = /^(.*)\.(\d+)\.(\d+)$/.exec(decodeURIComponent(location.hash.slice(1))) || [];
      if (run !== this.data.name || !this.data.scenes[scene - 1] || !(step > 0)) return false;
      this.scene(scene - 1, +step);
      this.scrollIntoView();
      return true;
    }
    key(e) {
      if (e.altKey || e.ctrlKey || e.metaKey || e.target.matches('input, select')) return;
      const scrolls = e.target.matches('.source, .drawing'); // there, arrows scroll
      const to = { n: this.at + 1, p: this.at - 1, ...!scrolls && { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 1, End: Infinity } }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      this.go(to);
    }
    scene(n, at = 1) {
      this.number = n;
      this.run = this.data.scenes[n];
      this.at = 0;
      this.root.classList.toggle('alone', !this.run.ladder);
      this.$('.heads').innerHTML = this.run.heads || '';
      this.$('.rows').innerHTML = this.run.ladder || '';
      this.$('.drawing').hidden = !this.run.ladder;
      this.$('input').max = this.run.steps.length;
      if (this.$('select')) this.$('select').value = n;
      this.go(at, true);
    }

    // -------------------------------------------------------------- a step
    go(to, silent) {
      const { run, $ } = this, before = this.at;
      this.at = Math.max(1, Math.min(run.steps.length, to));
      if (this.at === before) return;
      const step = run.steps[this.at - 1], next = run.steps[this.at];
      this.sources(step);
      this.draw();
      this.tables(step);
      $('.say').innerHTML = this.words(step, next);
      $('.on').textContent = !next ? 'The end' : next.ask ? 'Predicted? Show ▶' : 'Next ▶';
      $('.on').setAttribute('aria-disabled', !next); // disabled, it would lose the focus
      $('.back').setAttribute('aria-disabled', this.at === 1);
      $('input').value = this.at;
      $('input').setAttribute('aria-valuetext', `${this.at} of ${run.steps.length}`);
      const link = $('.at');
      link.textContent = `${this.at}/${run.steps.length}`;
      link.href = `#${this.data.name}.${this.number + 1}.${this.at}`;
      link.setAttribute('aria-label', `Link to step ${this.at} of ${run.steps.length}`);
      if (silent) return;
      if (!this.hasAttribute('slides')) history.replaceState(null, '', link.href);
      if (this.at === before + 1) this.fly();
    }
    who(p) { return this.run.procs[p - 1]; }
    // A marker a process: where it is, and whether it waits there.
    sources(step) {
      const { run, root } = this, at = {};
      for (const [i, s] of run.steps.slice(0, this.at).entries()) {
        if (s.line) at[s.p] = { line: s.line, waits: s.blocks && !s.back, now: i === this.at - 1 };
        else if (at[s.p]) at[s.p].now = i === this.at - 1;
        if (s.ends !== undefined) delete at[s.p];
        if (s.gone) delete at[s.gone];
      }
      for (const li of root.querySelectorAll('li.now, li.here')) {
        li.className = '';
        li.removeAttribute('aria-current');
        delete li.dataset.who;
      }
      for (const [p, place] of Object.entries(at)) {
        const proc = this.who(p), box = this.$(`.source[data-program="${proc.program}"]`);
        const li = box.querySelectorAll('li')[place.line - 1];
        if (!li) continue;
        const several = run.procs.filter(other => other.program === proc.program).length > 1;
        const says = [several && (proc.who || proc.id), place.waits && (several ? 'waits' : 'waits here')].filter(x => x).join(' ');
        if (+p === step.p) {
          li.className = 'now';
          li.setAttribute('aria-current', 'step');
        }
        else if (!li.className) li.className = 'here';
        if (says) li.dataset.who = [li.dataset.who, says].filter(x => x).join(', ');
      }
      for (const box of root.querySelectorAll('.source')) {
        const program = +box.dataset.program, li = box.querySelector('.now') || box.querySelector('.here');
        box.hidden = !run.procs.some(p => p.program === program) || !box.querySelector('li');
        box.classList.toggle('acts', this.who(step.p).program === program);
        if (li) box.scrollTop = li.offsetTop - box.clientHeight / 2;
        else box.scrollTop = 0;
      }
    }
    draw() { // cut off where the run has got to
      const box = this.$('.drawing'), svg = this.$('.rows').firstChild;
      if (!svg) return;
      svg.setAttribute('viewBox', `0 0 ${svg.viewBox.baseVal.width} ${Math.max(20, this.run.below[this.at - 1] + 4)}`);
      for (const g of svg.querySelectorAll('g[data-step]')) {
        g.style.display = +g.dataset.step > this.at ? 'none' : '';
        g.classList.toggle('now', +g.dataset.step === this.at);
      }
      box.scrollTop = box.scrollHeight;
    }
    fly() { // a dot along each arrow of this step, one after the other
      if (still.matches) return;
      const lines = [...this.root.querySelectorAll('.drawing g.now > line.ink')].filter(line => line.nextSibling?.nodeName === 'polygon');
      lines.forEach((line, i) => {
        const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle'), v = name => +line.getAttribute(name);
        dot.setAttribute('r', 5);
        dot.setAttribute('class', 'flying');
        line.parentNode.append(dot);
        dot.animate([{ transform: `translate(${v('x1')}px,${v('y1')}px)` }, { transform: `translate(${v('x2')}px,${v('y2')}px)` }],
          { duration: 450, delay: 350 * i, fill: 'backwards' }).onfinish = () => dot.remove();
      });
    }
    // A box a table of descriptors: threads share one, a child has its own.
    tables(step) {
      const { run } = this, tables = {}, alive = {};
      let fresh = {};
      for (const s of run.steps.slice(0, this.at)) {
        const owner = p => this.who(p).of || p;
        alive[owner(s.p)] = true;
        fresh = {};
        for (const [key, rows] of Object.entries(s.tables || {})) {
          const p = +key.slice(1), old = (tables[p] || []).map(String);
          fresh[p] = rows.map(row => !old.includes(String(row)));
          tables[p] = rows;
          alive[p] ??= true;
        }
        if (s.ends !== undefined) alive[s.p] = false;
        if (s.gone) alive[s.gone] = false;
      }
      this.$('.tables').innerHTML = run.procs.map((proc, i) => [proc, i + 1]).filter(([proc, p]) => !proc.of && p in alive).map(([proc, p]) => {
        const rows = (tables[p] || []).map(([fd, state, here, peer, unread, queue], j) => {
          const ends = [here, peer].filter(x => x).map(safe).join(' ↔ ');
          const holds = queue ? `<span>${queue}</span>` : peer || unread ? `<span><meter min="0" max="${this.most}" value="${unread}" aria-label="unread"></meter> ${unread} unread</span>` : '';
          return `<li class="${fresh[p]?.[j] ? 'new' : ''}">fd ${fd} <b>${safe(state)}</b> ${holds} <i>${ends}</i></li>`;
        }).join('');
        const acts = p === step.p || this.who(step.p).of === p;
        const threads = run.procs.filter(other => other.of === p).length;
        return `<div class="${acts ? 'acts ' : ''}${alive[p] ? '' : 'gone'}"><b>${safe(proc.id)}${threads ? ' and its threads' : ''}${alive[p] ? '' : ' (ended)'}</b><ul>${rows || `<li>${alive[p] ? 'no socket' : 'nothing'}</li>`}</ul></div>`;
      }).join('');
    }
    words(step, next) {
      const who = p => `<b>${safe(this.who(p).id)}</b>`, out = [];
      const call = step.call && code(`${step.call}(${step.args})`);
      if (step.start) out.push(`${who(step.p)} begins: ${code(step.start)}`);
      else if (step.ends !== undefined) out.push(`${who(step.p)} ends${step.ends && step.ends !== '0' ? ` with status ${safe(step.ends)}` : ''}. Its kernel closes what is open.`);
      else if (step.hold) out.push(`${who(step.p)} makes no call. Its kernel now has this:`);
      else if (call) out.push(`${who(step.p)} ${call}${step.res ? ' ' + code('= ' + step.res) : ''}`);
      else out.push(who(step.p));
      if (step.blocks) out.push(`It ${safe(step.blocks)}.`);
      for (const text of step.says || []) out.push(safe(text));
      if (step.segs) out.push('On the wire: ' + step.segs.map(([from, to, what]) => `${safe(from)} → ${safe(to)} ${safe(what)}`).join('; ').replace(/\belse\b/g, 'other side') + '.');
      for (const [text, typed] of step.out || []) out.push(`${typed ? 'Typed' : 'Prints'}: ${code(text)}`);
      const ask = next?.ask ? `<p class="ask">${safe(this.who(next.p).id)}, ${next.call ? code(next.call) : 'next'}: ${safe(next.ask)}</p>` : '';
      return out.map(text => `<p>${text}</p>`).join('') + ask;
    }
  });
})();
