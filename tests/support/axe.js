// axe.js PAGE: what axe-core finds wrong in a web page, on a phone and on
// a desk; and whether the page is wider than the window. Exit status: 0
// nothing, 1 something. It needs puppeteer-core, axe-core and chromium.
'use strict';
const puppeteer = require('puppeteer-core');

async function look(browser, width) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.goto('file://' + process.argv[2]);
  await page.addScriptTag({ path: require.resolve('axe-core') });
  const found = await page.evaluate(() => axe.run(document));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  for (const { id, nodes } of found.violations) {
    console.log(width, id, nodes.length, nodes[0].html.slice(0, 120));
  }
  if (wide > width) console.log(width, 'the page is', wide, 'wide');
  return found.violations.length === 0 && wide <= width;
}

(async () => {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const phone = await look(browser, 390);
  const desk = await look(browser, 1280);
  await browser.close();
  process.exit(phone && desk ? 0 : 1);
})();
