/** What is typed or decided while the host is away, slow, busy or refuses: the page says so, and nothing is lost. */
import { pages } from '../src/pages.ts';
import { addressOf, answerProblem, expect, expectAccessible, test, whole } from './harness.ts';

test.use({ expected: /Failed to load resource|ERR_|net::/ });

const away = 'TrainFlow can’t be reached since';

for (const { path } of pages) {
  test(`${path} stays as it is while the host is stopped, and goes on by itself`, async ({ page, host, tenant }) => {
    await page.clock.install();
    await page.goto(await addressOf(path, tenant));
    const main = page.getByRole('main');
    const title = main.getByRole('heading', { level: 1 });
    const before = await whole(page);
    await host.stop();
    try {
      // Whoever comes back to the tab after a minute sees it refreshed: now it can't be.
      await page.clock.fastForward(60_000);
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
      await expect(page.getByText(away)).toBeVisible();
      await expect(title).toHaveText(before);
      await expect(page.getByText('This page has stopped working')).toHaveCount(0);
    } finally {
      await host.serve();
    }
    await expect(page.getByText(away)).toHaveCount(0, { timeout: 20_000 });
    await expect(title).toHaveText(before);
    await expect(main.getByRole('alert')).toHaveCount(0);
  });

  test(`${path} asks to sign in again where the token is not taken, and then goes on`, async ({ page, tenant }) => {
    const address = await addressOf(path, tenant);
    await answerProblem(page, '/**', 401);
    await page.goto(address);
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByLabel('Token', { exact: true }).fill(tenant.token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page).toHaveURL(address);
    await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
  });
}

test.describe('a correction that is typed', () => {
  for (const [status, title] of [
    [500, 'TrainFlow has made a mistake'],
    [403, 'Your role may not do this'],
    [409, 'Something is in the way'],
    [429, 'Too many requests at once'],
    [503, 'TrainFlow can’t do this just now'],
  ] as const) {
    test(`stays where the host answers ${status}, and is saved at the next try`, async ({ page, tenant }) => {
      const { run } = await tenant.samplePeople();
      await page.goto(`/runs/${run.id}`);
      await page.getByRole('button', { name: 'Correct the record 003462' }).click();
      const sheet = page.getByRole('dialog', { name: 'Correct a record' });
      await sheet.getByLabel('hire_date').fill('28/02/2023');
      await page.route('**/api/v1/integrations/runs/*/rejects/*', (route) =>
        route.request().method() === 'PATCH'
          ? route.fulfill({
              status,
              contentType: 'application/problem+json',
              body: JSON.stringify({
                type: 'x',
                title: 'x',
                status,
                code: 'x',
                detail: 'So it is.',
                request_id: 'r-9',
              }),
            })
          : route.fallback(),
      );
      await sheet.getByRole('button', { name: 'Save and replay' }).click();
      await expect(sheet.getByRole('alert')).toContainText(title);
      await expect(sheet.getByRole('alert')).toContainText('r-9');
      await expect(sheet.getByLabel('hire_date')).toHaveValue('28/02/2023');
      if (status === 409) await expectAccessible(page, 'the sheet with its failure');
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await sheet.getByRole('button', { name: 'Save and replay' }).click();
      await expect(page.getByText('1 record is in now.')).toBeVisible();
    });
  }

  test('stays while the host is stopped', async ({ page, host, tenant }) => {
    const { run } = await tenant.samplePeople();
    await page.goto(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Correct the record 003462' }).click();
    const sheet = page.getByRole('dialog', { name: 'Correct a record' });
    await sheet.getByLabel('hire_date').waitFor();
    await host.stop();
    try {
      await sheet.getByLabel('hire_date').fill('28/02/2023');
      await sheet.getByRole('button', { name: 'Save and replay' }).click();
      await expect(sheet.getByRole('alert')).toContainText('TrainFlow can’t be reached');
      await expect(sheet.getByLabel('hire_date')).toHaveValue('28/02/2023');
    } finally {
      await host.serve();
    }
    await expect(page.getByText(away)).toHaveCount(0);
    await sheet.getByRole('button', { name: 'Save and replay' }).click();
    await expect(page.getByText('1 record is in now.')).toBeVisible();
  });

  test('stays while the token ends, and while the page is loaded anew', async ({ page, tenant }) => {
    const { run } = await tenant.samplePeople();
    await page.goto(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Correct the record 003462' }).click();
    const sheet = page.getByRole('dialog', { name: 'Correct a record' });
    await sheet.getByLabel('hire_date').fill('28/02/2023');
    await answerProblem(page, '/**', 401);
    await sheet.getByRole('button', { name: 'Save and replay' }).click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await again.getByLabel('Token', { exact: true }).fill(tenant.token);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(again).toHaveCount(0);
    await expect(sheet.getByLabel('hire_date')).toHaveValue('28/02/2023');
    await page.reload();
    await expect(sheet.getByLabel('hire_date')).toHaveValue('28/02/2023');
  });

  test('stands beside what somebody else has written meanwhile', async ({ page, tenant }) => {
    const { run } = await tenant.samplePeople();
    await page.goto(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Correct the record 003462' }).click();
    const sheet = page.getByRole('dialog', { name: 'Correct a record' });
    const id = new URL(page.url()).searchParams.get('reject');
    await sheet.getByLabel('hire_date').fill('28/02/2023');
    await tenant.ask('PATCH', `/runs/${run.id}/rejects/${id}`, { raw: { hire_date: '01/03/2023' } });
    await sheet.getByRole('button', { name: 'Save and replay' }).click();
    const both = page.getByRole('dialog', { name: 'Two versions' });
    await expect(both.getByRole('row', { name: /hire_date/ })).toContainText('01/03/2023');
    await expect(both.getByRole('row', { name: /hire_date/ })).toContainText('28/02/2023');
    await expectAccessible(page, 'two versions');
    await both.getByRole('button', { name: 'Save mine over it' }).click();
    await expect(page.getByText('1 record is in now.')).toBeVisible();
    const reject = (await tenant.get(`/runs/${run.id}/rejects/${id}`)) as {
      correction?: { raw: { hire_date: string } };
    };
    expect(reject.correction?.raw.hire_date).toBe('28/02/2023');
  });
});

test('a decision that somebody else has made already is said, and the page shows it', async ({ page, tenant }) => {
  const { run } = await tenant.heldPeople();
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Apply to 12 people' }).click();
  const dialog = page.getByRole('alertdialog');
  await tenant.post(`/runs/${run.id}/refuse`);
  await dialog.getByRole('button', { name: 'Apply to 12 people' }).click();
  await expect(page.getByText('It was decided already')).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('Refused by sara:')).toBeVisible();
});

test('a slow answer is waited for, and the button takes no second press', async ({ page, tenant }) => {
  const { run } = await tenant.heldPeople();
  let asked = 0;
  await page.route('**/api/v1/integrations/runs/*/approve', async (route) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Apply to 12 people' }).click();
  const confirm = page.getByRole('alertdialog').getByRole('button', { name: 'Apply to 12 people' });
  await confirm.click();
  await expect(confirm).toBeDisabled();
  await expect(page.getByText('Approved by sara ·')).toBeVisible();
  expect(asked).toBe(1);
});
