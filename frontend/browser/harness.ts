/**
 * What the specs share: `test` with a host for each worker, a tenant for each test, and a page that is signed in and
 * watched. After every test: no violation of the policy, no request to another host, no error in the page.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';
import { Host, Tenant } from './host.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  tenant: Tenant;
  /** Whether the page has the tenant's token already: `test.use({ isSignedIn: false })`. */
  isSignedIn: boolean;
  /** Errors in the console that a test brings about on purpose: `test.use({ expected: /503/ })`. */
  expected: RegExp | null;
}

interface HostFixtures {
  host: Host;
  /** Files beside the connectors, by name: `test.use({ beside: { 'odd.so': '…' } })`, for a whole spec. */
  beside: Record<string, string>;
}

export const test = base.extend<Fixtures, HostFixtures>({
  beside: [{}, { option: true, scope: 'worker' }],
  host: [
    async ({ beside }, use) => {
      const host = await Host.start(beside);
      await use(host);
      await host.remove();
    },
    { scope: 'worker' },
  ],
  tenant: async ({ host }, use) => use(await Tenant.at(host)),
  isSignedIn: [true, { option: true }],
  expected: [null, { option: true }],
  baseURL: async ({ host }, use) => use(host.address),
  page: async ({ page, host, tenant, isSignedIn, expected }, use) => {
    const wrong: string[] = [];
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    if (isSignedIn) {
      await page.addInitScript((token) => {
        // Once: what the page does with it later stays.
        if (sessionStorage.getItem('was-here')) return;
        sessionStorage.setItem('was-here', 'yes');
        sessionStorage.setItem('trainflow.token', token);
      }, tenant.token);
    }
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${host.address}/`) && !request.url().startsWith('blob:'))
        wrong.push(`request to ${request.url()}`);
    });
    await use(page);
    expect(wrong.filter((text) => !expected?.test(text))).toEqual([]);
  },
});

const axe = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8');

/** Nothing that axe knows of is wrong with the page as it stands. */
export async function expectAccessible(page: Page, what = ''): Promise<void> {
  await page.evaluate(axe);
  const results = await page.evaluate<AxeResults, RunOptions>(
    (options) =>
      (globalThis as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } }).axe.run(options),
    { resultTypes: ['violations'] },
  );
  const found = results.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
  );
  expect(found, `axe ${what}`).toEqual([]);
}

/** Chooses language and theme as a person's browser keeps them, before the page is loaded (again). */
export async function prefer(page: Page, choice: { language?: 'en' | 'ar'; theme?: 'light' | 'dark' }): Promise<void> {
  await page.addInitScript((state) => {
    localStorage.setItem('trainflow.preferences', JSON.stringify({ state, version: 0 }));
  }, choice);
}

export const screens = join(import.meta.dirname, 'results/screens');

/** Whether anything is wider than the window: then a phone scrolls sideways. */
async function expectNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(width, `${what} is wider than the window by so many pixels`).toBeLessThanOrEqual(0);
}

/**
 * Looks at a page in both languages and themes, on laptop and phone: axe finds nothing, nothing is wider than the window,
 * and a picture of each lies in browser/results/screens. `ready`: waits until all stands that is to be seen.
 */
export async function lookAt(
  page: Page,
  path: string,
  name: string,
  ready: (page: Page) => Promise<unknown>,
): Promise<void> {
  mkdirSync(screens, { recursive: true });
  for (const language of ['en', 'ar'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      await prefer(page, { language, theme });
      await page.setViewportSize({ width: 1440, height: 860 });
      await page.goto(path);
      await ready(page);
      for (const [size, width, height] of [
        ['laptop', 1440, 860],
        ['phone', 360, 780],
      ] as const) {
        const what = `${name}-${language}-${theme}-${size}`;
        await page.setViewportSize({ width, height });
        await ready(page);
        await page.evaluate(() => document.fonts.ready);
        await expectAccessible(page, what);
        await expectNoSidewaysScroll(page, what);
        await page.screenshot({ path: join(screens, `${what}.png`), fullPage: size === 'phone' });
      }
    }
  }
}

/** Waits until the page's title is what it will be, and nothing is a skeleton any more. Answers the title. */
export async function whole(page: Page): Promise<string> {
  const main = page.getByRole('main');
  const title = main.getByRole('heading', { level: 1 });
  await expect(title).not.toHaveText(/…$/);
  await expect(main.locator('.animate-pulse')).toHaveCount(0);
  return (await title.textContent()) ?? '';
}

/** Answers the API's requests under `path` with a problem, as the host would. */
export async function answerProblem(
  page: Page,
  path: string,
  status: number,
  headers: Record<string, string> = {},
): Promise<void> {
  await page.route(`**/api/v1/integrations${path}`, (route) =>
    route.fulfill({
      status,
      headers: { 'X-Request-Id': 'test-1', ...headers },
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:trainflow:problem:test',
        title: 'Test',
        status,
        code: 'test',
        detail: 'This is what the host says of it.',
        request_id: 'test-1',
      }),
    }),
  );
}

/** The address of a page of the table, with things that stand. */
export async function addressOf(path: string, tenant: Tenant): Promise<string> {
  if (!path.includes(':id')) return path;
  const { config, run } = await tenant.samplePeople();
  return path.replace(':id', path.startsWith('/runs') ? run.id : config);
}
