import { expect, expectAccessible, lookAt, test } from './harness.ts';

test.use({ beside: { 'odd.so': 'no connector' } });

test('tells what is installed and what it may do', async ({ page, tenant }) => {
  await tenant.config('Employees');
  await page.goto('/connectors');
  await expect(page.getByRole('heading', { name: 'File import' })).toBeVisible();
  await expect(page.getByText('1 integration uses it')).toBeVisible();
  await lookAt(page, '/connectors', 'connectors', () => page.getByRole('heading', { level: 2 }).first().waitFor());
});

test('is switched off after a question, and on again', async ({ page, tenant }) => {
  await page.goto('/connectors');
  const used = page.getByRole('switch', { name: 'File import is in use' });
  await used.click();
  const question = page.getByRole('alertdialog', { name: 'Stop using File import?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(used).toBeChecked();
  await used.click();
  await question.getByRole('button', { name: 'Stop using it' }).click();
  await expect(used).not.toBeChecked();
  await expect(page.getByText('Not in use', { exact: true })).toBeVisible();
  expect((await tenant.get('/providers/file')).is_enabled).toBe(false);
  await used.click();
  await expect(page.getByText('In use', { exact: true })).toBeVisible();
});

test('names files that are refused, and why', async ({ page }) => {
  await page.goto('/connectors');
  const row = page.getByRole('row', { name: /odd\.so/ });
  await expect(row).toContainText('Put a connector built for this machine there, or take the file away.');
  await expect(row).not.toContainText('/');
});
