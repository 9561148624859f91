/**
 * Lighthouse's figures of pages behind the sign-in, desktop and mobile, several rounds, the median told:
 *
 *   npm install --no-save lighthouse
 *   node scripts/lighthouse.mjs ADDRESS TOKEN [ROUNDS]
 *
 * The token is put into the tab before the page runs, as signing in does.
 */
import lighthouse, { desktopConfig } from 'lighthouse';
import { launch } from 'puppeteer-core';

const [address, token, rounds = '3'] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

for (const [form, config] of [
  ['desktop', desktopConfig],
  ['mobile', undefined],
]) {
  for (const path of ['/integrations', '/', '/runs', '/audit']) {
    const found = [];
    for (let round = 0; round < Number(rounds); round += 1) {
      const browser = await launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
      const page = await browser.newPage();
      await page.evaluateOnNewDocument((kept) => sessionStorage.setItem('trainflow.token', kept), token);
      const { lhr } = await lighthouse(
        `${address}${path}`,
        { onlyCategories: categories, disableStorageReset: true },
        config,
        page,
      );
      found.push([
        ...categories.map((name) => Math.round((lhr.categories[name].score ?? 0) * 100)),
        Math.round(lhr.audits['first-contentful-paint'].numericValue),
        Math.round(lhr.audits['largest-contentful-paint'].numericValue),
        Math.round(lhr.audits['total-blocking-time'].numericValue),
        Math.round(lhr.audits['cumulative-layout-shift'].numericValue * 1000) / 1000,
        lhr.audits['network-requests'].details.items.length,
      ]);
      if (round === 0) {
        for (const audit of Object.values(lhr.audits)) {
          const counts = categories
            .slice(1)
            .some((name) => lhr.categories[name].auditRefs.some((ref) => ref.id === audit.id && ref.weight > 0));
          if (counts && audit.score !== null && audit.score < 1) console.log(`  ${audit.id}: ${audit.title}`);
        }
      }
      await browser.close();
    }
    const values = found[0].map((_, index) => median(found.map((row) => row[index])));
    const [performance, accessibility, practices, seo, fcp, lcp, tbt, cls, requests] = values;
    console.log(
      `${form} ${path}: ${performance}/${accessibility}/${practices}/${seo}, FCP ${fcp} ms, LCP ${lcp} ms, TBT ${tbt} ms, CLS ${cls}, ${requests} requests`,
    );
  }
}
