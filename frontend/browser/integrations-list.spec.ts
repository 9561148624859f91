import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

test('says what an integration is while there is none', async ({ page }) => {
  await page.goto('/integrations');
  await expect(page.getByText('No integration yet')).toBeVisible();
  await expectAccessible(page);
});

test('shows how each integration fares', async ({ page, tenant }) => {
  const { run } = await tenant.samplePeople('Employees, all sites');
  await tenant.config('الموظفون، كل المواقع', { is_active: false });
  await page.goto('/integrations');
  const row = page.getByRole('row', { name: /Employees, all sites/ });
  const { rejected } = run.counts as { rejected: number };
  await expect(row).toContainText(rejected > 0 ? `Done, ${rejected} rejected` : 'Done');
  await expect(row.getByRole('cell').nth(3)).not.toHaveText('0');
  await expect(page.getByRole('row', { name: /الموظفون/ })).toContainText('Off');
  await lookAt(page, '/integrations', 'integrations-list', () => page.getByRole('row').nth(2).waitFor());
});

test('filters in the address', async ({ page, tenant }) => {
  for (const name of ['Nurses', 'Doctors', 'Contractors']) await tenant.config(name, { is_active: name !== 'Doctors' });
  await page.goto('/integrations');
  await expect(page.getByRole('row')).toHaveCount(4);
  await page.getByRole('button', { name: 'Off 1' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page).toHaveURL(/which=off/);
  await page.reload();
  await expect(page.getByRole('row', { name: /Doctors/ })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('nur');
  await expect(page.getByText('No integration matches')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(page.getByRole('row')).toHaveCount(4);
});

test('is switched off and on', async ({ page, tenant }) => {
  const id = await tenant.config('Nightly');
  await page.goto('/integrations');
  await page.getByRole('switch', { name: 'Nightly may run' }).click();
  await expect(page.getByText('Nightly is off')).toBeVisible();
  await expect(page.getByRole('row', { name: /Nightly/ })).toContainText('Off');
  expect((await tenant.get(`/configs/${id}`)).is_active).toBe(false);
});

test.describe('when the host', () => {
  test.use({ expected: /Failed to load resource|ERR_/ });

  for (const [status, title] of [
    [500, 'TrainFlow has made a mistake'],
    [403, 'Your role may not do this'],
    [503, 'TrainFlow can’t do this just now'],
    [429, 'Too many requests at once'],
  ] as const) {
    test(`answers ${status}, says so and what to do`, async ({ page }) => {
      await answerProblem(page, '/configs?*', status);
      await page.goto('/integrations');
      const alert = page.getByRole('alert');
      await expect(alert).toContainText(title);
      await expect(alert).toContainText('This is what the host says of it.');
      await expect(alert).toContainText('test-1');
      await expectAccessible(page);
      await page.unroute('**/api/v1/integrations/configs?*');
      await alert.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByText('No integration yet')).toBeVisible();
    });
  }

  test('changes beneath, a stale switch is refused and the newest state shown', async ({ page, tenant }) => {
    const id = await tenant.config('Contested');
    await page.goto('/integrations');
    await page.getByRole('switch', { name: 'Contested may run' }).waitFor();
    await tenant.ask('PATCH', `/configs/${id}`, { name: 'Contested and renamed' });
    await page.getByRole('switch', { name: 'Contested may run' }).click();
    await expect(page.getByText('Somebody else has changed this meanwhile')).toBeVisible();
    await expect(page.getByRole('row', { name: /renamed/ })).toBeVisible();
  });

  test('is away, keeps what is shown and goes on by itself', async ({ page, host, tenant }) => {
    await tenant.config('Still seen');
    await page.goto('/integrations');
    await page.getByRole('row', { name: /Still seen/ }).waitFor();
    await host.stop();
    try {
      await page.getByRole('searchbox').fill('Still');
      await expect(page.getByText('TrainFlow can’t be reached since')).toBeVisible();
      await expect(page.getByRole('row', { name: /Still seen/ })).toBeVisible();
      await expectAccessible(page);
    } finally {
      await host.serve();
    }
    await expect(page.getByText('TrainFlow can’t be reached since')).toHaveCount(0);
    await expect(page.getByRole('searchbox')).toHaveValue('Still');
  });
});
