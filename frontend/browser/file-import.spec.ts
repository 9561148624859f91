import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

const people = join(import.meta.dirname, '../../samples/people.csv');

test('a file is checked, mapped and imported, and its rejects come back in its own layout', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/import');
  await page.getByLabel('Choose a file').setInputFiles(people);
  await expect(page.getByRole('heading', { name: 'Import people.csv' })).toBeVisible();
  const finding = page.getByRole('listitem').filter({ hasText: 'Dates written otherwise than the rest' });
  await expect(finding).toContainText('hire_date');
  await expect(finding).toContainText('4 rows');
  await expect(finding).toContainText('12/28/1997');
  await expect(finding).toContainText('parseDate("dd/MM/yyyy")');
  await expect(page.getByRole('row', { name: /^2 002604/ })).toContainText('هدى خالد الحربي');
  await page.getByRole('button', { name: 'Go on to the mapping' }).click();
  await page.getByRole('button', { name: 'Accept all' }).click();
  await page.getByRole('button', { name: 'Import 2,000 rows' }).click();
  await expect(page.getByText(/of 2,000 rows are in\./)).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await expect(page.getByText(/of 2,000 rows are in\./)).toBeVisible();
  await expectAccessible(page);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the rejects' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('people-rejects.csv');
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toMatch(/^\ufeff?employee_id,first_name,/);
  expect(text.split('\n')[0]).toMatch(/,_error,_fix\r?$/);
  // The next file into the same is read as this one was.
  await page.getByRole('button', { name: 'Import another file' }).click();
  await page.getByRole('combobox', { name: 'Into' }).click();
  await page.getByRole('option', { name: 'people', exact: true }).click();
  await page.getByLabel('Choose a file').setInputFiles(people);
  await page.getByRole('button', { name: 'Go on to the mapping' }).click();
  await expect(page.getByText('Its mappings are known')).toBeVisible();
});

test('a dry run changes nothing, and its plan is dropped', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople('Standing');
  const text = (await readFile(people, 'utf8')).replace('Chief Executive Officer', 'Chief');
  const file = await tenant.upload(config, 'people.csv', text);
  await page.goto(`/import?config=${config}&file=${file}&step=mapping`);
  await page.getByRole('button', { name: 'Dry run' }).click();
  await expect(page.getByText('This was a dry run: nothing has been changed.')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('main').locator('dl').getByText('updated')).toBeVisible();
  await page.getByRole('button', { name: 'Drop it' }).click();
  await expect(page.getByText('The plan was dropped: nothing has been changed.')).toBeVisible();
});

test('a plan beyond the limits is applied only where all that comes of it is shown', async ({ page, tenant }) => {
  const { config, run, file } = await tenant.heldPeople('Beyond', { dry_run: true });
  await page.goto(`/import?config=${config}&file=${file}&step=import&run=${run.id}`);
  await expect(page.getByText('The plan goes beyond the limits')).toBeVisible();
  await expect(page.getByText('12 of 40 people would lose access')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Apply this plan' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Look at the plan' }).click();
  await page.getByRole('button', { name: 'Apply 12 changes' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('12 people would lose access');
  expect((await tenant.get(`/runs/${run.id}`)).state).toBe('planned');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goBack();
  await page.getByRole('button', { name: 'Drop it' }).click();
  await expect(page.getByText('The plan was dropped: nothing has been changed.')).toBeVisible();
});

test('whoever leaves while a file is sent is asked, and moved nowhere afterwards', async ({ page, tenant }) => {
  await page.goto('/import');
  let sent: () => void = () => {};
  await page.route('**/files?*', async (route) => {
    await new Promise<void>((resolve) => {
      sent = resolve;
    });
    await route.continue().catch(() => undefined); // The page has broken it off.
  });
  await page.getByLabel('Choose a file').setInputFiles(people);
  await expect(page.getByText(/437\.9 kB sent/)).toBeVisible();
  await page.getByRole('link', { name: 'Audit' }).click();
  const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await expect(question).toContainText('The file is still being sent');
  await question.getByRole('button', { name: 'Leave without saving' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  sent();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await expect(page).toHaveURL(/\/runs$/);
  const [config] = (await tenant.get('/configs')).items as unknown as { id: string }[];
  expect((await tenant.get(`/${config?.id}/files`)).items).toEqual([]);
});

test('the sample needs no file of one’s own', async ({ page }) => {
  await page.goto('/import?sample=people');
  await page.getByRole('button', { name: 'Use the sample file' }).click();
  await expect(page.getByText('2,000 rows looked at, 23 columns.')).toBeVisible();
  await page.goto('/import?sample=people');
  await page.getByRole('button', { name: 'Use the sample file' }).click();
  await expect(page.getByText('2,000 rows looked at, 23 columns.')).toBeVisible();
});

test('a file that is dropped is taken, and a workbook with courses is taken for courses', async ({ page }) => {
  await page.goto('/import');
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['code,title,duration\nA1,Fire safety,60\nA2,First aid,90\n'], 'catalogue.csv'));
    return transfer;
  });
  await page.getByText('Drop a file here').dispatchEvent('drop', { dataTransfer: data });
  await expect(page.getByText('Nothing odd was found')).toBeVisible();
  await page.getByRole('button', { name: 'Go on to the mapping' }).click();
  await expect(page.getByRole('combobox', { name: 'catalogue.csv becomes' })).toHaveText('courses');
});

test('stands in both languages and themes, on laptop and phone', async ({ page, tenant }) => {
  test.setTimeout(240_000);
  const { config } = await tenant.samplePeople('Head office');
  const file = await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
  await lookAt(page, '/import?sample=people', 'import', () => page.getByRole('combobox').first().waitFor());
  await lookAt(page, `/import?config=${config}&file=${file}`, 'import-check', async () => {
    await page.getByText('12/28/1997').first().waitFor();
    await page.getByText('هدى خالد الحربي').first().waitFor();
  });
  const run = (await tenant.run(config, { file_id: file })).id;
  await lookAt(page, `/import?config=${config}&file=${file}&step=import&run=${run}`, 'import-done', () =>
    page.locator('main dl').waitFor(),
  );
});

test.describe('when it can’t be done', () => {
  test.use({ expected: /Failed to load resource|ERR_/ });

  test('a file that is none says so, and another can be taken', async ({ page }) => {
    await page.goto('/import');
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'letter.docx',
      mimeType: 'application/zip',
      buffer: Buffer.from('PK\u0003\u0004nothing'),
    });
    await expect(page.getByRole('main').getByRole('alert').first()).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take another file' }).click();
    await expect(page.getByText('Drop a file here')).toBeVisible();
  });

  test('a name that another has is said at the name', async ({ page, tenant }) => {
    await tenant.config('people');
    await page.goto('/import');
    await page.getByLabel('Choose a file').setInputFiles(people);
    await expect(page.getByLabel('Its name')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Its name').fill('people of today');
    await page.getByLabel('Choose a file').setInputFiles(people);
    await expect(page.getByRole('heading', { name: 'Import people.csv' })).toBeVisible();
  });

  for (const status of [429, 413, 403]) {
    test(`an upload is answered ${status}`, async ({ page }) => {
      await page.goto('/import');
      await answerProblem(page, '/*/files?*', status);
      await page.getByLabel('Choose a file').setInputFiles(people);
      await expect(page.getByRole('main').getByRole('alert').first()).toContainText(
        'This is what the host says of it.',
      );
      await expectAccessible(page);
    });
  }

  test('what somebody else has mapped meanwhile is not written over unseen', async ({ page, tenant }) => {
    const config = await tenant.config('Contested');
    const file = await tenant.upload(config, 'team.csv', 'id,mail,name\n1,a@example.org,Ann\n');
    await page.goto(`/import?config=${config}&file=${file}&step=mapping`);
    await page.getByRole('button', { name: 'Accept all' }).click();
    await tenant.map(config, 'team.csv', { id: 'external_id', mail: 'email', name: 'display_name' });
    const start = page.getByRole('button', { name: /^Import 1 row/ });
    await start.click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText('Somebody else has changed this meanwhile');
    expect((await tenant.get(`/${config}/mappings`)).items).toHaveLength(3);
    await start.click();
    await expect(page.getByText('1 row read, all applied.')).toBeVisible();
  });

  test('a plan that somebody else has dropped is said, and the page shows it', async ({ page, tenant }) => {
    const { config } = await tenant.samplePeople('Standing');
    const file = await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
    const { id } = await tenant.run(config, { file_id: file, dry_run: true });
    await page.goto(`/import?config=${config}&file=${file}&step=import&run=${id}`);
    await page.getByRole('button', { name: 'Apply this plan' }).waitFor();
    await tenant.post(`/runs/${id}/refuse`);
    await page.getByRole('button', { name: 'Apply this plan' }).click();
    await expect(page.getByText('It was decided already')).toBeVisible();
    await expect(page.getByText('The plan was dropped: nothing has been changed.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Apply this plan' })).toHaveCount(0);
  });

  test('an integration that somebody has switched off stays off', async ({ page, tenant }) => {
    const { config } = await tenant.samplePeople('Resting');
    const file = await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
    await tenant.ask('PATCH', `/configs/${config}`, { is_active: false });
    await page.goto(`/import?config=${config}&file=${file}&step=mapping`);
    await page.getByRole('button', { name: 'Import 2,000 rows' }).click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText('The integration is switched off');
    expect(await tenant.get(`/configs/${config}`)).toMatchObject({ is_active: false });
  });

  test('a run in hand is named, and nothing typed is lost', async ({ page, tenant }) => {
    const { config } = await tenant.samplePeople('Busy');
    const file = await tenant.upload(config, 'people.csv', await readFile(people, 'utf8'));
    await page.goto(`/import?config=${config}&file=${file}&step=mapping`);
    await answerProblem(page, `/${config}/sync`, 409);
    await page.getByRole('button', { name: 'Import 2,000 rows' }).click();
    await expect(page.getByText('Something is in the way')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Transform of email' })).toBeVisible();
  });
});
