import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

const people = join(import.meta.dirname, '../../samples/people.csv');

/** Through the first steps, to the mapping. */
async function toMapping(page: Page, name: string): Promise<void> {
  await page.goto('/integrations/new');
  await page.getByRole('button', { name: /^File import/ }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Choose a file').setInputFiles(people);
  await expect(page.getByText(/437\.9 kB, uploaded/)).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('The connection works.')).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('combobox', { name: 'people.csv becomes' })).toHaveText('people');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: '12 suggestions' })).toBeVisible();
}

test('a file integration is made step by step, and what was reached survives a reload', async ({ page, tenant }) => {
  test.setTimeout(120_000);
  await toMapping(page, 'People of HR');
  const address = new URL(page.url());
  expect(address.searchParams.get('step')).toBe('mapping');
  await page.getByRole('button', { name: 'Accept all' }).click();
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'TrainFlow field of employee_id' })).toContainText('external_id');
  const made = (await tenant.get('/configs')).items as unknown as { name: string; is_active: boolean }[];
  expect(made).toMatchObject([{ name: 'People of HR', is_active: false }]);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('199 of 200 rows would be taken')).toBeVisible();
  await expect(page.getByRole('row', { name: /hire_date/ })).toContainText('12/28/1997');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page
    .getByRole('group', { name: /Would lose access/ })
    .getByLabel('Per cent')
    .fill('7');
  await page.getByRole('radio', { name: /are suspended/ }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('All is ready: people.csv can be imported')).toBeVisible();
  await page.getByRole('button', { name: 'Switch on only' }).click();
  await expect(page.getByText('People of HR is on.')).toBeVisible();
  const [kept] = (await tenant.get('/configs')).items as unknown as { is_active: boolean; policy: object }[];
  expect(kept).toMatchObject({
    is_active: true,
    policy: { guard: { deactivate: { percent: 7, absolute: 10 } }, leavers: { action: 'suspend' } },
  });
});

test('opened elsewhere by its address, it goes on from what the host has', async ({ page, tenant }) => {
  const config = await tenant.config('Half made', { is_active: false });
  await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
  await page.goto(`/integrations/new?step=test&id=${config}`);
  await expect(page.getByRole('heading', { name: 'New integration: Half made' })).toBeVisible();
  await expect(page.getByText('The connection works.')).toBeVisible();
  await page.getByRole('link', { name: 'Connection' }).click();
  await expect(page.getByText('people.csv', { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/step=test/);
});

test('Enter in a search of the mapping searches, and goes no step on', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('People of HR');
  await page.goto(`/integrations/new?step=mapping&id=${config}`);
  const preview = page.getByRole('region', { name: 'Live preview' });
  await preview.getByRole('button', { name: 'One person' }).click();
  await preview.getByRole('searchbox').fill('002655');
  await page.keyboard.press('Enter');
  await expect(preview.getByText('Reem Haddad').first()).toBeVisible();
  await expect(page).toHaveURL(/step=mapping.*person=002655/);
});

test('who goes by keys begins each step at its content', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('People of HR');
  await page.goto(`/integrations/new?step=limits&id=${config}`);
  const next = page.getByRole('button', { name: 'Continue' });
  await next.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('All is ready: people.csv can be imported')).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('radiogroup')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
});

test('a stream that is not to be read stays so', async ({ page, tenant }) => {
  const config = await tenant.config('Half made', { is_active: false });
  await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
  await page.goto(`/integrations/new?step=test&id=${config}`);
  await expect(page.getByText('The connection works.')).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  const choice = page.getByRole('combobox', { name: 'people.csv becomes' });
  await expect(choice).toHaveText('people');
  await choice.click();
  await page.getByRole('option', { name: 'not read' }).click();
  await expect(page.getByText('Choose what at least one stream becomes.')).toBeVisible();
  await expect(choice).toHaveText('not read');
});

test('who has switched one on begins another anew', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('People of HR');
  await page.goto(`/integrations/new?step=on&id=${config}`);
  await page.getByRole('button', { name: 'Switch on and make a dry run' }).click();
  await expect(page.getByText('This was a dry run: nothing has been changed.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('This was a dry run: nothing has been changed.')).toBeVisible();
  await page.getByRole('link', { name: 'Integrations', exact: true }).first().click();
  await page.getByRole('link', { name: 'Add integration' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New integration');
  await expect(page.getByRole('button', { name: /^File import/, pressed: false })).toBeEnabled();
});

test('each step stands in both languages and themes, on laptop and phone', async ({ page, tenant }) => {
  test.setTimeout(300_000);
  const { config } = await tenant.samplePeople('People of HR');
  await lookAt(page, '/integrations/new', 'create-provider', () =>
    page.getByRole('button', { name: /File import/ }).waitFor(),
  );
  const at = (step: string) => `/integrations/new?step=${step}&id=${config}`;
  await lookAt(page, at('connection'), 'create-connection', () => page.getByText('people.csv').first().waitFor());
  await lookAt(page, at('test'), 'create-test', () => page.locator('main ol li svg.lucide-circle-check').waitFor());
  await lookAt(page, at('limits'), 'create-limits', () => page.getByRole('radiogroup').waitFor());
  await lookAt(page, at('preview'), 'create-preview', () => page.getByText('12/28/1997').first().waitFor());
});

test.describe('when it can’t be done', () => {
  test.use({ expected: /Failed to load resource|ERR_/ });

  test('a name that is taken is said at the name, and the file is sent once it is another', async ({
    page,
    tenant,
  }) => {
    await tenant.config('Taken');
    await page.goto('/integrations/new');
    await page.getByRole('button', { name: /^File import/ }).click();
    await page.getByLabel('Name').fill('Taken');
    await page.getByLabel('Choose a file').setInputFiles(people);
    await expect(page.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page);
    await page.getByLabel('Name').fill('Not taken');
    await page.getByLabel('Choose a file').setInputFiles(people);
    await expect(page.getByText(/437\.9 kB, uploaded/)).toBeVisible();
  });

  test('a connection that fails says at which step, why and what to do', async ({ page, tenant }) => {
    const config = await tenant.config('Fails', { is_active: false });
    await page.route(`**/${config}/test-connection`, (route) =>
      route.fulfill({
        json: {
          ok: false,
          steps: [
            { name: 'dns', ok: true, skipped: false, ms: 12, message: 'db.example.org is 192.0.2.1.', hint: '' },
            {
              name: 'auth',
              ok: false,
              skipped: false,
              ms: 431,
              message: 'The password is refused.',
              hint: 'Set it again under Credentials.',
            },
            { name: 'sample', ok: false, skipped: true, ms: 0, message: '', hint: '' },
          ],
        },
      }),
    );
    await page.goto(`/integrations/new?step=test&id=${config}`);
    await expect(page.getByText('The connection does not work yet')).toBeVisible();
    const step = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await expect(step).toContainText('failed');
    await expect(step).toContainText('431 ms');
    await expect(step).toContainText('Set it again under Credentials.');
    await expect(page.getByRole('button', { name: 'Continue' })).toHaveCount(0);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Change the connection' }).click();
    await expect(page).toHaveURL(/step=connection/);
  });

  test('an upload that breaks off is tried again without choosing again', async ({ page }) => {
    await page.goto('/integrations/new');
    await page.getByRole('button', { name: /^File import/ }).click();
    await page.getByLabel('Name').fill('Breaks off');
    await page.route('**/files?*', (route) => route.abort('connectionreset'));
    await page.getByLabel('Choose a file').setInputFiles(people);
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText('TrainFlow can’t be reached');
    await page.unroute('**/files?*');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText(/437\.9 kB, uploaded/)).toBeVisible();
  });

  for (const status of [500, 403, 429]) {
    test(`the host answers ${status} to the making, and what was typed stays`, async ({ page }) => {
      await page.goto('/integrations/new');
      await page.getByRole('button', { name: /^File import/ }).click();
      await page.getByLabel('Name').fill('Mine');
      await answerProblem(page, '/configs', status);
      await page.getByLabel('Choose a file').setInputFiles(people);
      await expect(page.getByRole('main').getByRole('alert').first()).toContainText(
        'This is what the host says of it.',
      );
      await expect(page.getByLabel('Name')).toHaveValue('Mine');
    });
  }
});
