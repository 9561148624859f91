import { DatabaseSync } from 'node:sqlite';
import { expect, lookAt, test } from './harness.ts';

test('all runs, filtered in the address', async ({ page, tenant }) => {
  await tenant.samplePeople('Sample people');
  const held = await tenant.heldPeople('Employees, all sites');
  await page.goto('/runs');
  await expect(page.getByRole('row')).toHaveCount(4);
  await expect(page.getByRole('row', { name: /Sample people/ })).toContainText('1,975 created');
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Held for a decision' }).click();
  await expect(page).toHaveURL(/state=held/);
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.reload();
  await expect(page.getByRole('row', { name: /Employees/ })).toContainText('12 set aside');
  await page.getByRole('combobox', { name: 'Integration' }).click();
  await page.getByRole('option', { name: 'Sample people' }).click();
  await expect(page.getByText('No run matches')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page
    .getByRole('row', { name: /Employees.*12 set aside/ })
    .getByRole('link')
    .click();
  await expect(page).toHaveURL(`/runs/${held.run.id}`);
  await expect(page.getByRole('heading', { name: 'Held: 12 people would lose access' })).toBeVisible();
  await lookAt(page, '/runs', 'runs', () => page.getByRole('row').nth(3).waitFor());
});

test('runs come by pages', async ({ page, tenant }) => {
  const config = await tenant.config('Often');
  await tenant.map(config, 'x.csv', { id: 'external_id', mail: 'email' });
  const file = await tenant.upload(config, 'x.csv', 'id,mail\n1,a@example.org\n');
  for (let run = 0; run < 55; run += 1) await tenant.run(config, { file_id: file });
  await page.goto(`/integrations/${config}/logs`);
  await expect(page.getByRole('row')).toHaveCount(51);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.getByRole('row')).toHaveCount(56);
});

test('a run that works is told live, and survives a reload', async ({ page, host, tenant }) => {
  const config = await tenant.config('Large');
  await tenant.map(config, 'x.csv', { id: 'external_id', mail: 'email' });
  const rows = Array.from({ length: 1_500_000 }, (_, place) => `${place},p${place}@example.org`);
  const file = await tenant.upload(config, 'x.csv', ['id,mail', ...rows].join('\n'));
  const { id } = await tenant.post(`/${config}/sync`, { file_id: file });
  await expect.poll(async () => (await tenant.get(`/runs/${id}`)).counts).not.toMatchObject({ read: 0 });
  // However fast the machine is, and however long the browser takes.
  const goOn = await host.holdRuns();
  await page.goto(`/integrations/${config}/logs`);
  const now = page.getByRole('region', { name: 'At work now' });
  await expect(now).toContainText('rows');
  await page.reload();
  await expect(now.getByRole('progressbar')).toBeVisible();
  await page.goto(`/runs/${id}`);
  await expect(page.getByRole('heading', { name: 'It is being read' })).toBeVisible();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the run' }).click();
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  goOn();
  await expect(page.getByRole('heading', { name: 'It was cancelled' })).toBeVisible();
  expect((await tenant.get(`/runs/${id}`)).state).toBe('cancelled');
});

test('10,000 lines scroll with fewer than 500 rows in the document', async ({ page, host, tenant }) => {
  test.setTimeout(120_000);
  const { config } = await tenant.samplePeople('Employees, all sites');
  const { items } = (await tenant.get(`/${config}/logs`)) as unknown as { items: { id: string }[] };
  await host.offline((path) => {
    const database = new DatabaseSync(path);
    const id = Buffer.from((items[0]?.id ?? '').replaceAll('-', ''), 'hex');
    database
      .prepare(
        `INSERT INTO integration_logs
           (id, tenant_id, config_id, run_id, status, level, event, message, payload, created_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         SELECT randomblob(16), tenant_id, config_id, run_id, iif(i % 50, 'success', 'error'),
                iif(i % 50, 'info', 'error'), event, 'Line ' || i || '. ' || message, payload,
                created_at - (10001 - i) * 30000000
         FROM integration_logs, n WHERE integration_logs.id = ?`,
      )
      .run(id);
    database.prepare('DELETE FROM integration_logs WHERE id = ?').run(id);
    database.close();
  });
  let requests = 0;
  page.on('request', (request) => {
    if (request.url().includes(`/${config}/logs?`)) requests += 1;
  });
  await page.goto(`/integrations/${config}/logs?view=log`);
  const list = page.getByRole('list', { name: 'Log lines' });
  await expect(list.getByText('Line 10000.')).toBeVisible();
  let most = 0;
  const frame = page.getByRole('group', { name: 'Log lines' });
  await expect
    .poll(
      async () => {
        await frame.evaluate((element) => {
          element.scrollTop = element.scrollHeight;
        });
        most = Math.max(most, await list.getByRole('listitem').count());
        return list.getByText('Line 1.', { exact: false }).filter({ hasText: 'Line 1. ' }).count();
      },
      { timeout: 90_000, intervals: [50] },
    )
    .toBe(1);
  await expect(page.getByText('That is all.')).toBeVisible();
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  console.log(
    `figure: log of 10,000 lines: at most ${most} rows in the document, ${elements} elements at the end, ${requests} requests`,
  );
  expect(most).toBeGreaterThan(5);
  expect(most).toBeLessThan(500);
  await page.getByRole('searchbox').fill('Line 9999.');
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(page).toHaveURL(/q=Line\+9999/);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('combobox', { name: 'Level' }).click();
  await page.getByRole('option', { name: 'Error' }).click();
  await expect(list.getByText('Line 9950.')).toBeVisible();
  // What is written meanwhile appears by itself.
  await page.goto(`/integrations/${config}/logs?view=log`);
  await expect(list.getByText('Line 10000.')).toBeVisible();
  const file = await tenant.upload(config, 'people.csv', 'employee_id,email\n');
  await tenant.run(config, { file_id: file });
  await expect(list.getByRole('listitem').first()).not.toContainText('Line 10000.', { timeout: 40_000 });
  await lookAt(page, `/integrations/${config}/logs?view=log`, 'logs', () => page.getByText('Line 9999.').waitFor());
});
