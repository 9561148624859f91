/** What holds for every page of the table, those that are added later too. */
import { pages } from '../src/pages.ts';
import { addressOf, answerProblem, expect, expectAccessible, test } from './harness.ts';

// So that all workers have a share of them.
test.describe.configure({ mode: 'parallel' });

test.describe('a page', () => {
  test.use({ expected: /Failed to load resource|ERR_/ });

  for (const { path } of pages) {
    test(`${path} says what happened, whatever the host answers`, async ({ page, tenant }) => {
      const address = await addressOf(path, tenant);
      for (const [status, title] of [
        [500, 'TrainFlow has made a mistake'],
        [403, 'Your role may not do this'],
        [429, 'Too many requests at once'],
        [0, 'TrainFlow can’t be reached'],
      ] as const) {
        if (status === 0) await page.route('**/api/v1/integrations/**', (route) => route.abort('connectionrefused'));
        else await answerProblem(page, '/**', status, { 'Retry-After': '1' });
        await page.goto(address);
        const main = page.getByRole('main');
        await expect(main.getByText(title).first()).toBeVisible();
        await expect(page.getByText('This page has stopped working')).toHaveCount(0);
        if (status === 429 || status === 0) await expectAccessible(page, `${path} at ${status}`);
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      }
    });

    test(`${path} shows what will come while the host is slow, and nothing jumps far`, async ({ page, tenant }) => {
      const address = await addressOf(path, tenant);
      await page.addInitScript(() => {
        Object.assign(window, { shift: 0 });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) (window as unknown as { shift: number }).shift += entry.value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await page.route('**/api/v1/integrations/**', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 700));
        await route.continue();
      });
      await page.goto(address);
      await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForLoadState('networkidle');
      await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
      // CLS up to 0.1 is what web.dev calls good.
      expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.1);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    });
  }
});

test('names of any length and either direction find room at every width', async ({ page, tenant }) => {
  const { config, run } = await tenant.samplePeople('W'.repeat(200));
  await tenant.heldPeople('الموظفون في جميع المواقع '.repeat(8).trim());
  await tenant.config('invoice\u202egnp.exe <img src=x onerror=alert(1)>');
  for (const path of pages.map((entry) => entry.path)) {
    await page.goto(path.replace(':id', path.startsWith('/runs') ? run.id : config));
    await page.waitForLoadState('networkidle');
    // 640 is a laptop's 1280 at 200 %.
    for (const width of [360, 640, 768, 1024, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const beyond = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      await expect.poll(beyond, `${path} at ${width}`).toBeLessThanOrEqual(0);
    }
  }
});

test('the keys go everywhere: skip link, find, list of shortcuts', async ({ page, tenant }) => {
  await tenant.samplePeople('Employees, all sites');
  await page.goto('/integrations');
  await page.getByRole('row', { name: /Employees/ }).waitFor();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Go to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Find');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find' })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.type('audit');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/audit$/);
  await expect(page.getByRole('main')).toBeFocused();
  await expect(page).toHaveTitle('Audit · TrainFlow');
  await page.keyboard.press('g');
  await page.keyboard.press('1');
  await expect(page).not.toHaveURL(/\/audit$/);
});

test('an address that no page has says so', async ({ page }) => {
  await page.goto('/no/such/page');
  await expect(page.getByText('There is no such page')).toBeVisible();
  await expectAccessible(page);
});
