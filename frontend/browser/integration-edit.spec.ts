import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

test('stands in both languages and themes, on laptop and phone', async ({ page, tenant }) => {
  test.setTimeout(240_000);
  const { config } = await tenant.samplePeople('People of HR');
  const at = (tab: string) => `/integrations/${config}?tab=${tab}`;
  await lookAt(page, `/integrations/${config}`, 'edit-connection', () => page.getByRole('switch').waitFor());
  await lookAt(page, at('safety'), 'edit-safety', () => page.getByRole('radiogroup').waitFor());
  await lookAt(page, at('danger'), 'edit-danger', () => page.locator('main section').nth(1).waitFor());
  await lookAt(page, at('credentials'), 'edit-credentials', () => page.getByRole('tabpanel').waitFor());
});

test('settings and limits are changed, and limits told in people of today', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('People of HR');
  const { policy } = await tenant.get(`/configs/${config}`);
  await tenant.ask('PATCH', `/configs/${config}`, { policy: { ...(policy as object), guard: { window_hours: 3 } } });
  await page.goto(`/integrations/${config}`);
  await page.getByRole('tabpanel').getByLabel('Name').fill('People of head office');
  await page.getByRole('combobox', { name: 'encoding' }).click();
  await page.getByRole('option', { name: 'windows-1256' }).click();
  await page.getByRole('tab', { name: 'Safety' }).click();
  await expect(page).toHaveURL(/tab=safety/);
  const limit = page.getByRole('group', { name: /Would lose access/ });
  await limit.getByLabel('Per cent').fill('10');
  await expect(limit).toContainText(/10 % of 1,9\d\d people: at most 19\d people today/);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const kept = await tenant.get(`/configs/${config}`);
  expect(kept).toMatchObject({
    name: 'People of head office',
    settings: { encoding: 'windows-1256' },
    policy: { match: ['email'], guard: { deactivate: { percent: 10, absolute: 10 }, window_hours: 3 } },
  });
  await page.getByRole('tab', { name: 'Connection' }).click();
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByText(/The connection (works|does not work yet)/)).toBeVisible();
});

test('what is typed while a save is under way is kept, and saved with the next', async ({ page, tenant }) => {
  const config = await tenant.config('Slow');
  await page.goto(`/integrations/${config}`);
  const name = page.getByRole('tabpanel').getByLabel('Name');
  let answer: () => void = () => {};
  await page.route(`**/configs/${config}`, async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    await route.continue();
  });
  await name.fill('Slowly');
  const asked = page.waitForRequest((request) => request.method() === 'PATCH');
  await page.getByRole('button', { name: 'Save' }).click();
  await asked;
  await name.fill('Slowly, and then some');
  answer();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(name).toHaveValue('Slowly, and then some');
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  expect((await tenant.get(`/configs/${config}`)).name).toBe('Slowly, and then some');
});

test('an integration is deleted once its name is typed', async ({ page, tenant }) => {
  const config = await tenant.config('Goes away');
  await page.goto(`/integrations/${config}?tab=danger`);
  await page.getByRole('button', { name: 'Delete the integration' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Delete Goes away?' });
  await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeDisabled();
  await dialog.getByLabel('Type the name to confirm').fill('Goes away');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByText('Goes away is deleted.')).toBeVisible();
  await expect(page).toHaveURL(/\/integrations$/);
  expect((await tenant.get('/configs')).items).toEqual([]);
});

test('what an integration says can be taken along, without credentials', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('To go');
  await page.goto(`/integrations/${config}?tab=danger`);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  expect((await saved).suggestedFilename()).toBe('To go.trainflow.json');
});

test.describe('a connector that needs credentials', () => {
  test.use({ expected: /Failed to load resource/ });

  test('takes new ones only, and keeps the old ones where the new ones fail', async ({ page, tenant }) => {
    const config = await tenant.config('With a password');
    await page.route('**/providers/file', async (route) => {
      const answer = await route.fetch();
      const json = { ...(await answer.json()) };
      json.credentials_schema = {
        type: 'object',
        required: ['user', 'password'],
        properties: { user: { type: 'string' }, password: { type: 'string', description: 'Of the service account.' } },
      };
      await route.fulfill({ response: answer, json });
    });
    await page.route(`**/configs/${config}/credentials*`, (route) => route.continue());
    await page.route(`**/${config}/credentials*`, async (route) => {
      if (route.request().method() !== 'GET') return route.fallback();
      await route.fulfill({
        json: {
          is_set: true,
          key_id: 'k1',
          created_at: '2026-01-05T08:00:00Z',
          updated_at: '2026-03-14T02:30:00Z',
          updated_by: 'sara',
        },
      });
    });
    await page.goto(`/integrations/${config}?tab=credentials`);
    await expect(page.getByText('Set 14 Mar 2026, 05:30 by sara')).toBeVisible();
    const password = page.getByLabel('password', { exact: false }).first();
    await expect(password).toHaveAttribute('type', 'password');
    await page.getByLabel('user').first().fill('sync');
    await password.fill('correct horse');
    await page.getByRole('button', { name: 'Show password' }).click();
    await expect(password).toHaveAttribute('type', 'text');
    await expectAccessible(page);
    // Another tab takes nothing of it, and whoever leaves is asked there too.
    await page.getByRole('tab', { name: 'Safety' }).click();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stay here' }).click();
    await page.getByRole('tab', { name: 'Credentials' }).click();
    await expect(password).toHaveValue('correct horse');
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toContain('correct horse');
    await answerProblem(page, `/${config}/credentials*`, 422);
    await page.getByRole('button', { name: 'Test, then replace' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'Something here is not right yet' })).toBeVisible();
    await expect(password).toHaveValue('correct horse');
  });
});

test.describe('when it can’t be done', () => {
  test.use({ expected: /Failed to load resource|ERR_/ });

  test('both versions stand side by side after somebody was faster', async ({ page, tenant }) => {
    const config = await tenant.config('Contested');
    await page.goto(`/integrations/${config}`);
    await page.getByRole('tabpanel').getByLabel('Name').fill('Mine');
    await tenant.ask('PATCH', `/configs/${config}`, { name: 'Theirs' });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Two versions' });
    await expect(dialog.getByRole('row', { name: /Name/ })).toContainText('Theirs');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Take theirs' }).click();
    await expect(page.getByRole('tabpanel').getByLabel('Name')).toHaveValue('Theirs');
  });

  for (const status of [500, 403, 429, 409]) {
    test(`a save is answered ${status}, and what was typed stays`, async ({ page, tenant }) => {
      const config = await tenant.config('Unlucky');
      await page.goto(`/integrations/${config}`);
      await page.getByRole('tabpanel').getByLabel('Name').fill('Typed');
      await page.route(`**/configs/${config}`, (route) =>
        route.request().method() === 'PATCH'
          ? route.fulfill({
              status,
              contentType: 'application/problem+json',
              body: JSON.stringify({
                status,
                code: 'test',
                detail: 'This is what the host says of it.',
                request_id: 'r',
              }),
            })
          : route.continue(),
      );
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('main').getByRole('alert')).toContainText('This is what the host says of it.');
      await expect(page.getByRole('tabpanel').getByLabel('Name')).toHaveValue('Typed');
      await expectAccessible(page);
    });
  }

  test('an integration that is gone says so', async ({ page }) => {
    await page.goto('/integrations/01a22d25-8152-7523-a33e-000000000000');
    await expect(page.getByRole('alert')).toContainText('There is nothing here');
  });
});
