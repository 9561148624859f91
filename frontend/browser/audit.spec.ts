import { expect, expectAccessible, lookAt, test } from './harness.ts';

test('says that nothing was done while nothing was', async ({ page }) => {
  await page.goto('/audit');
  await expect(page.getByText('Nothing has been done yet')).toBeVisible();
});

test('tells who did what, filtered in the address', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('Employees, all sites');
  await tenant.ask('PATCH', `/configs/${config}`, { name: 'Everybody' });
  await page.goto('/audit');
  const table = page.getByRole('table', { name: 'Audit' });
  for (const what of [
    'created the integration',
    'saved the mappings',
    'uploaded a file',
    'started a run',
    'changed the integration',
  ]) {
    await expect(table.getByRole('row', { name: what })).toContainText('sara');
  }
  await page.getByRole('button', { name: /Show the details of .*uploaded a file/ }).click();
  await expect(page.getByRole('dialog')).toContainText('people.csv');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'What it was done to' }).click();
  await page.getByRole('option', { name: 'File' }).click();
  await expect(table.getByRole('row')).toHaveCount(2);
  await expect(page).toHaveURL(/subject=file/);
  await page.getByRole('searchbox').fill('nobody');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(table.getByRole('row', { name: 'started a run' })).toBeVisible();
  await lookAt(page, '/audit', 'audit', () => page.getByRole('row').nth(4).waitFor());
});

test('goes on page by page', async ({ page, tenant }) => {
  for (let index = 0; index < 55; index += 1) await tenant.config(`Config ${index}`);
  await page.goto('/audit');
  const rows = page.getByRole('table', { name: 'Audit' }).getByRole('row');
  await expect(rows).toHaveCount(51);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows).toHaveCount(56);
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
});
