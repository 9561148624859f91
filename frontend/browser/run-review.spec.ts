import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

test('a run with rejects says what happened and what is left to do', async ({ page, tenant }) => {
  const { run } = await tenant.samplePeople('Sample people');
  await page.goto(`/runs/${run.id}`);
  await expect(page.getByRole('heading', { name: '9 rows were rejected; the rest is in' })).toBeVisible();
  await expect(page.getByText('9 are left to do')).toBeVisible();
  await expect(page.getByText('2,000 rows read; each is accounted for.')).toBeVisible();
  const group = page.getByRole('listitem').filter({ hasText: 'Not a date in the expected form' });
  await expect(group).toContainText('hire_date');
  await expect(group.getByRole('row')).toHaveCount(5);
  await expect(group).toContainText('31/02/2023');
  await page.getByRole('button', { name: /Not an e-mail address/ }).click();
  await expect(page).toHaveURL(/group=invalid_email/);
  await page.getByRole('tab', { name: /Changes/ }).click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(51);
  await page.getByRole('tab', { name: 'Source' }).click();
  await expect(page.getByText('utf-8')).toBeVisible();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('2,000 people read');
  await lookAt(page, `/runs/${run.id}`, 'run-rejects', () => page.getByText('31/02/2023').first().waitFor());
});

test('a reject is corrected and replayed; one that is not yet right stays with its new reason', async ({
  page,
  tenant,
}) => {
  const { run } = await tenant.samplePeople();
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Correct the record 003462' }).click();
  const sheet = page.getByRole('dialog', { name: 'Correct a record' });
  const field = sheet.getByLabel('hire_date');
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription(/Not a date in the expected form.*31\/02\/2023/);
  await expectAccessible(page, 'editor');
  await field.fill('30/02/2023');
  // What is typed survives a reload.
  await page.reload();
  await expect(sheet.getByLabel('hire_date')).toHaveValue('30/02/2023');
  await sheet.getByRole('button', { name: 'Save and replay' }).click();
  await expect(page.getByText('1 failed again and stays here with its new reason.')).toBeVisible();
  await expect(page.getByText('“30/02/2023” is not a date')).toBeVisible();
  await page.getByRole('button', { name: 'Correct the record 003462' }).click();
  await expect(sheet.getByText('Corrected by')).toBeVisible();
  await sheet.getByLabel('hire_date').fill('28/02/2023');
  await sheet.getByRole('button', { name: 'Save and replay' }).click();
  await expect(page.getByText('1 record is in now.')).toBeVisible();
  await expect(page.getByText('8 of 9 rejects are left to do.')).toBeVisible();
  const { items } = (await tenant.get(`/runs/${run.id}/rejects?state=replayed`)) as unknown as { items: unknown[] };
  expect(items).toHaveLength(1);
});

test('a correction may grow long under the fingers', async ({ page, tenant }) => {
  const { run } = await tenant.samplePeople();
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Correct the record 003462' }).click();
  const field = page.getByRole('dialog', { name: 'Correct a record' }).getByLabel('job_title');
  const text = Array.from({ length: 40 }, (_, place) => String(100 + place)).join('');
  await field.fill('');
  await page.keyboard.type(text);
  await expect(field).toHaveValue(text);
  await expect(field).toBeFocused();
});

test('rejects are replayed by group, dismissed, opened again and downloaded', async ({ page, tenant }) => {
  const { run } = await tenant.samplePeople();
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Replay 4', exact: true }).click();
  await expect(page.getByText('4 failed again and stay here with their new reasons.')).toBeVisible();
  await page.getByRole('button', { name: 'More for the record 003058' }).click();
  await page.getByRole('menuitem', { name: 'Dismiss' }).click();
  await expect(page.getByText('8 of 9 rejects are left to do.')).toBeVisible();
  await page.getByRole('button', { name: 'Open again' }).click();
  await expect(page.getByText('9 of 9 rejects are left to do.')).toBeVisible();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe(`rejects-${run.id}.csv`);
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(await download.path(), 'utf8');
  expect(text.split('\n').filter((line) => line.trim())).toHaveLength(10);
  expect(text).toContain('_error,_fix');
  const workbook = page.waitForEvent('download');
  await page.getByRole('button', { name: 'As a workbook' }).click();
  // A ZIP archive begins so: APPNOTE 4.3.7.
  expect((await readFile(await (await workbook).path())).subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
});

test('a held run is shown with whom it is about, and approved', async ({ page, tenant }) => {
  const { id: run } = (await tenant.heldPeople()).run;
  await page.goto(`/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'Held: 12 people would lose access' })).toBeVisible();
  await expect(page.getByText('Without a decision at most 3 of 40 people may be affected.')).toBeVisible();
  await expect(page.getByRole('row', { name: /Omar Al-Qahtani/ })).toContainText('active');
  await expect(page.getByRole('row')).toHaveCount(13);
  await page.getByRole('button', { name: 'Apply to 12 people' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Apply to 12 people?' });
  await expect(dialog).toContainText('12 people would lose access');
  await expectAccessible(page, 'approve');
  await dialog.getByRole('button', { name: 'Apply to 12 people' }).click();
  await expect(page.getByText('Approved by sara ·')).toBeVisible();
  await expect(page.getByRole('row', { name: /Omar Al-Qahtani/ })).toContainText('applied');
  expect((await tenant.atRest(run)).state).toBe('done');
});

test('a held run is right in both languages and themes', async ({ page, tenant }) => {
  const { id: run } = (await tenant.heldPeople()).run;
  await lookAt(page, `/runs/${run}`, 'run-held', () => page.getByText('Jonas Weber').waitFor());
});

test('a held run is refused, and nobody is touched', async ({ page, tenant }) => {
  const { id: run } = (await tenant.heldPeople()).run;
  await page.goto(`/runs/${run}`);
  await page.getByRole('button', { name: 'Refuse' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Refuse' }).click();
  await expect(page.getByText('Refused by sara:')).toBeVisible();
  await expect(page.getByRole('row', { name: /Omar Al-Qahtani/ })).toContainText('refused');
});

test('a run that ended early says why, and what stays', async ({ page, tenant }) => {
  const config = await tenant.config('Broken');
  await tenant.map(config, 'x.csv', { id: 'external_id', mail: 'email' });
  const file = await tenant.upload(config, 'x.csv', 'number,name\n1,a\n');
  const { id, state } = await tenant.run(config, { file_id: file });
  expect(state).toBe('failed');
  await page.goto(`/runs/${id}`);
  await expect(page.getByRole('heading', { name: 'It ended early' })).toBeVisible();
  await expect(page.getByText('Nothing had been read and nothing was changed.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'To the mappings' })).toHaveAttribute('href', /\/mappings$/);
  await lookAt(page, `/runs/${id}`, 'run-failed', () => page.locator('#verdict').waitFor());
});

test.describe('a download that is refused', () => {
  test.use({ expected: /403/ });

  test('says why, as any other request', async ({ page, tenant }) => {
    const { run } = await tenant.samplePeople();
    await page.goto(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Download as CSV' }).waitFor();
    await answerProblem(page, '/runs/*/rejects?format=csv', 403);
    await page.getByRole('button', { name: 'Download as CSV' }).click();
    const said = page.getByRole('region', { name: 'Notifications' });
    await expect(said).toContainText('Your role may not do this');
    await expect(said).toContainText('This is what the host says of it.');
  });
});

test.describe('a part that fails', () => {
  test.use({ expected: /503/ });

  test('leaves the rest of the run, and is asked for again', async ({ page, tenant }) => {
    const { run } = await tenant.samplePeople();
    await answerProblem(page, '/runs/*/rejects/groups', 503);
    await page.goto(`/runs/${run.id}`);
    await expect(page.getByRole('heading', { name: '9 rows were rejected; the rest is in' })).toBeVisible();
    const alert = page.getByRole('tabpanel').getByRole('alert');
    await expect(alert).toContainText('TrainFlow can’t do this just now', { timeout: 20_000 });
    await expectAccessible(page, 'a part that failed');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('31/02/2023').first()).toBeVisible();
    await expect(page.getByText('9 are left to do')).toBeVisible();
  });
});
