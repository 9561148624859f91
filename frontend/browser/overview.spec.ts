import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

test('says that nothing needs anybody while nothing does', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await expect(page.getByText('No run yet')).toBeVisible();
  await expectAccessible(page);
});

test('shows what is held, failed and rejected, and what ran', async ({ page, tenant }) => {
  await tenant.samplePeople('Employees, all sites');
  const people = Array.from({ length: 40 }, (_, index) => `${index},p${index}@example.org`);
  const leavers = await tenant.config('Contractors', { policy: { leavers: { action: 'suspend' } } });
  const columns = { no: 'external_id', mail: 'email' };
  await tenant.map(leavers, 'hr.csv', columns);
  const whole = await tenant.upload(leavers, 'hr.csv', ['no,mail', ...people].join('\n'));
  await tenant.run(leavers, { file_id: whole });
  const cut = await tenant.upload(leavers, 'hr.csv', ['no,mail', ...people.slice(0, 22)].join('\n'));
  expect((await tenant.run(leavers, { file_id: cut })).state).toBe('held');
  const broken = await tenant.config('Legacy history');
  await tenant.map(broken, 'hr.csv', columns);
  const empty = await tenant.upload(broken, 'hr.csv', 'nothing,that,is,mapped\n1,2,3,4\n');
  expect((await tenant.run(broken, { file_id: empty })).state).toBe('failed');

  await page.goto('/');
  const needs = page.getByRole('region', { name: 'What needs you' });
  await expect(needs.getByRole('listitem')).toHaveCount(3);
  await expect(needs.getByRole('listitem').first()).toContainText('Contractors waits for a decision');
  await expect(needs.getByRole('listitem').first()).toContainText('18 people');
  await expect(needs).toContainText('Legacy history has failed');
  await expect(needs).toContainText('The mappings don’t fit what was read');
  await expect(needs).toContainText('Employees, all sites: 9 rows were rejected');
  await expect(page.getByRole('table', { name: 'Latest runs' }).getByRole('row')).toHaveCount(5);
  await lookAt(page, '/', 'overview', () => page.getByRole('row').nth(4).waitFor());
});

test.describe('a part that fails', () => {
  test.use({ expected: /Failed to load resource/ });

  test('leaves the others standing', async ({ page, tenant }) => {
    await tenant.heldPeople('Quiet');
    await answerProblem(page, '/configs*', 500);
    await page.goto('/');
    await expect(page.getByText('Quiet waits for a decision')).toBeVisible();
    await answerProblem(page, '/overview', 500);
    await page.goto('/');
    await expect(page.getByRole('alert')).toContainText('TrainFlow has made a mistake');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('Quiet waits for a decision')).toBeVisible();
  });
});
