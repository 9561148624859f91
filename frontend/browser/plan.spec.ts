import { expect, expectAccessible, lookAt, test } from './harness.ts';
import type { Tenant } from './host.ts';

/** Forty people are in; a dry run of an export that moves two, ends one, brings one, and has one with no e-mail address. */
async function planned(tenant: Tenant): Promise<{ config: string; run: string }> {
  const config = await tenant.config('Employees, all sites');
  const columns = { id: 'external_id', email: 'email', name: 'display_name', team: 'department', status: 'status' };
  await tenant.map(config, 'staff.csv', columns);
  const row = (place: number, team = 'Wards', status = 'active') =>
    `${4127 + place},p${place}@example.org,${place % 3 ? `Person ${place}` : `شخص ${place}`},${team},${status}`;
  const places = Array.from({ length: 40 }, (_, place) => place);
  const head = 'id,email,name,team,status';
  const first = [head, ...places.map((place) => row(place))].join('\n');
  await tenant.run(config, { file_id: await tenant.upload(config, 'staff.csv', first) });
  const next = [
    head,
    row(0, 'Pharmacy'),
    row(1, 'Pharmacy'),
    row(2, 'Wards', 'inactive'),
    ...places.slice(3).map((place) => row(place)),
    row(40),
    '9999,no address,Nobody,Wards,active',
  ].join('\n');
  const file = await tenant.upload(config, 'staff.csv', next);
  const run = await tenant.run(config, { file_id: file, dry_run: true });
  expect(run.state).toBe('planned');
  return { config, run: run.id };
}

test('a plan shows whom it is about, and just that is applied', async ({ page, tenant }) => {
  const { run } = await planned(tenant);
  await page.goto(`/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'Planned: 4 rows would change' })).toBeVisible();
  await expect(page.getByText('Nothing is written yet.', { exact: false }).first()).toBeVisible();
  await expect(page.getByText('1 row would be rejected')).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('row', { name: /4127/ })).toContainText('Pharmacy');
  await page.getByRole('button', { name: 'would be created' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page).toHaveURL(/effect=created/);
  await page.getByRole('tab', { name: /Rejects/ }).click();
  await expect(page.getByText('Shown only')).toBeVisible();
  await expect(page.getByRole('button', { name: /Correct|Replay/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Apply 4 changes' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Apply 4 changes?' });
  await expectAccessible(page, 'apply');
  await dialog.getByRole('button', { name: 'Apply just this' }).click();
  await expect(page.getByText('Applied by sara')).toBeVisible();
  const done = await tenant.atRest(run);
  expect(done.state).toBe('done_with_rejects');
  expect(done.counts).toMatchObject({ created: 1, updated: 3, rejected: 1 });
  await expect(page.getByRole('tab', { name: /Changes/ })).toBeVisible();
});

test.describe('when its ground has changed', () => {
  test.use({ expected: /409/ });

  test('a plan that no longer holds is not applied, and says why', async ({ page, tenant }) => {
    const { config, run } = await planned(tenant);
    await page.goto(`/runs/${run}`);
    await page.getByRole('button', { name: 'Apply 4 changes' }).click();
    await tenant.map(config, 'staff.csv', { id: 'external_id', email: 'email', name: 'display_name' });
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: 'Apply just this' }).click();
    await expect(dialog.getByRole('alert')).toContainText('The plan doesn’t hold any more');
    expect((await tenant.get(`/runs/${run}`)).state).toBe('planned');
  });
});

test('a plan is dropped, and nothing was written', async ({ page, tenant }) => {
  const { run } = await planned(tenant);
  await page.goto(`/runs/${run}`);
  await page.getByRole('button', { name: 'Drop the plan' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Drop the plan' }).click();
  await expect(page.getByRole('heading', { name: 'The plan was not applied' })).toBeVisible();
  await expect(page.getByText('Dropped by sara ·')).toBeVisible();
});

test('a plan is right in both languages and themes', async ({ page, tenant }) => {
  const { run } = await planned(tenant);
  await lookAt(page, `/runs/${run}`, 'run-planned', () => page.getByText('Pharmacy').first().waitFor());
});
