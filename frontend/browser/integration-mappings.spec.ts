import type { Page } from '@playwright/test';
import { answerProblem, expect, expectAccessible, lookAt, test } from './harness.ts';

const transformOf = (page: Page, target: string) =>
  page.getByRole('textbox', { name: `Transform of ${target}`, exact: true });
/** As somebody does it: what stands there is typed over. */
async function type(page: Page, target: string, text: string): Promise<void> {
  await transformOf(page, target).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text[0] ?? '');
  await page.keyboard.press('Escape');
  await page.keyboard.type(text.slice(1));
  await page.keyboard.press('Escape');
}
const preview = (page: Page) => page.getByRole('region', { name: 'Live preview' });
const save = (page: Page) => page.getByRole('button', { name: /^Save/ });

test('stands in both languages and themes, on laptop and phone', async ({ page, tenant }) => {
  test.setTimeout(180_000);
  const { config } = await tenant.samplePeople('People of the head office');
  await lookAt(page, `/integrations/${config}/mappings`, 'mappings', async () => {
    await page.locator('.cm-content').nth(14).waitFor();
    await page.getByText('Huda Khalid Al-Harbi').first().waitFor();
  });
});

test('a transform is edited with completion, errors in their place and a live preview, and saved', async ({
  page,
  tenant,
}) => {
  const { config } = await tenant.samplePeople();
  await page.goto(`/integrations/${config}/mappings`);
  await type(page, 'department', 'trim | lookup("departmnts")');
  const row = page.getByRole('row', { name: /^Move department:/ });
  await expect(row.getByText('There is no lookup table “departmnts”.')).toBeVisible();
  await expect(transformOf(page, 'department')).toHaveAttribute('aria-invalid', 'true');
  await expect(save(page)).toBeDisabled();
  await transformOf(page, 'department').press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await transformOf(page, 'department').pressSequentially('upp');
  const list = page.getByRole('listbox');
  await expect(list.getByRole('option', { name: /^upper/ })).toBeVisible();
  await expect(page.getByText('Upper case, in every script that has it.')).toBeVisible();
  // CodeMirror takes no Enter in the first moment of its list, lest one that was meant for the text chooses.
  await list.getByRole('option', { name: /^upper/ }).click();
  await expect(transformOf(page, 'department')).toHaveText('upper');
  await expect(preview(page).getByText('Step by step: department')).toBeVisible();
  await expect(preview(page).getByText('"OPS"').last()).toBeVisible();
  await save(page).click();
  await expect(page.getByText('The mappings are saved.')).toBeVisible();
  const items = (await tenant.get(`/${config}/mappings`)).items as unknown as {
    target_field: string;
    transform_function: string;
  }[];
  expect(items.find((item) => item.target_field === 'department')?.transform_function).toBe('upper');
  await expect(save(page)).toBeDisabled();
});

test('rejects of the last run show what a change would save', async ({ page, tenant }) => {
  const { config, run } = await tenant.samplePeople();
  const rejected = (run.counts as unknown as { rejected: number }).rejected;
  await page.goto(`/integrations/${config}/mappings`);
  await preview(page)
    .getByRole('button', { name: /^Rejects/ })
    .click();
  await expect(page).toHaveURL(/rows=rejects/);
  await expect(preview(page).getByText('would be rejected')).toBeVisible();
  // The dates that are none are no longer looked at.
  await type(page, 'hire_date', 'trim | nullIfEmpty("12/28/1997") | default(null)');
  await page.getByRole('button', { name: 'More about hire_date' }).click();
  await page.getByRole('menuitem', { name: 'Take this mapping out' }).click();
  await expect(save(page)).toHaveText(new RegExp(`Save: ${rejected} rejects become \\d+`));
});

test('rows are added, moved by keys and taken out; leaving asks, and a reload keeps them', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople();
  await page.goto(`/integrations/${config}/mappings`);
  await page.getByRole('button', { name: 'Add mapping' }).click();
  await page.getByRole('combobox', { name: 'Source field of …' }).click();
  await page.getByRole('option', { name: 'grade' }).click();
  await page.getByRole('combobox', { name: 'TrainFlow field of grade' }).click();
  await page.getByRole('option', { name: 'attributes.grade' }).click();
  await page.getByRole('button', { name: /^Move attributes.grade/ }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByText('attributes.grade is now 15 of 16.')).toBeAttached();
  await expect(page.getByRole('button', { name: /^Move attributes.grade/ })).toBeFocused();
  await expect(page.getByRole('row').nth(-2)).toContainText('attributes.grade');
  await page.getByRole('link', { name: 'Integrations', exact: true }).first().click();
  await expect(page.getByRole('alertdialog', { name: 'Leave without saving?' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Stay here' }).click();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByText('Your changes from before are back.')).toBeVisible();
  await expect(page.getByRole('row').nth(-2)).toContainText('attributes.grade');
  await page.getByRole('button', { name: 'Undo all changes' }).click();
  await expect(page.getByText('attributes.grade')).toHaveCount(0);
});

test('one person, and whoever fails, are shown with what TrainFlow has and what would become of it', async ({
  page,
  tenant,
}) => {
  const { config } = await tenant.samplePeople();
  await page.goto(`/integrations/${config}/mappings`);
  await preview(page).getByRole('button', { name: 'One person' }).click();
  await preview(page).getByRole('searchbox', { name: 'Their number in the source' }).fill('002655');
  await expect(preview(page).getByText('Reem Haddad').first()).toBeVisible();
  await expect(preview(page).getByText('would change nothing')).toBeVisible();
  await expect(page).toHaveURL(/person=002655/);
  await type(page, 'job_title', 'upper');
  await expect(preview(page).getByText('would update 1 field')).toBeVisible();
  await expect(preview(page).getByText('TEAM LEAD, INFORMATION TECHNOLOGY', { exact: true })).toBeVisible();
  await expect(preview(page).locator('.line-through')).toHaveText('Team Lead, Information Technology');
  await expectAccessible(page);
  await preview(page).getByRole('button', { name: 'Failing' }).click();
  await expect(preview(page).getByText('would be rejected')).toBeVisible();
  await preview(page).getByRole('button', { name: 'Random' }).click();
  await expect(preview(page).getByText('1 of 50')).toBeVisible();
});

test('a mapping that lacks a field is told so, and keeps the rest from being saved', async ({ page, tenant }) => {
  const { config } = await tenant.samplePeople();
  await page.goto(`/integrations/${config}/mappings`);
  await page.getByRole('button', { name: 'Add mapping' }).click();
  await expect(page.getByText('Choose both fields, or take it out.')).toBeVisible();
  await expect(page.getByText('1 mapping needs correcting')).toBeVisible();
  await expect(save(page)).toBeDisabled();
  await page.getByRole('combobox', { name: 'Source field of …' }).click();
  await page.getByRole('option', { name: 'grade' }).click();
  await page.getByRole('combobox', { name: 'TrainFlow field of grade' }).click();
  await page.getByRole('option', { name: 'attributes.grade' }).click();
  await expect(page.getByText('Choose both fields, or take it out.')).toHaveCount(0);
  let asked = 0;
  page.on('request', (request) => {
    if (request.method() === 'PUT') asked += 1;
  });
  await expect(save(page)).toBeEnabled();
  await save(page).dblclick();
  await expect(page.getByText('The mappings are saved.')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(asked).toBe(1);
});

test('three hundred mappings are worked on as fifteen are', async ({ page, tenant }) => {
  const config = await tenant.config('Wide');
  const names = Array.from({ length: 300 }, (_, place) => `column ${place}`);
  const head = ['id', 'mail', ...names].join(',');
  await tenant.upload(config, 'wide.csv', `${head}\n1,a@example.org,${names.join(',')}\n`);
  const own = names.map((name, place) => [name, `attributes.c${place}`] as const);
  await tenant.map(config, 'wide.csv', { id: 'external_id', mail: 'email', ...Object.fromEntries(own) });
  await page.goto(`/integrations/${config}/mappings`);
  await type(page, 'email', 'trim | lower');
  await expect(preview(page).getByText('Step by step: email')).toBeVisible();
  await expect(save(page)).toBeEnabled();
  // Of what each row would have if it were the only one: an editor, and every field to choose from.
  expect(await page.locator('.cm-editor').count()).toBeLessThan(60);
  expect(await page.locator('*').count()).toBeLessThan(40_000);
  await page.getByRole('button', { name: 'Add mapping' }).click();
  await page.getByRole('combobox', { name: 'Source field of …' }).click();
  await expect(page.getByRole('option', { name: 'column 299', exact: true })).toBeVisible();
});

test('suggestions stand for what is not mapped, with their reason', async ({ page, tenant }) => {
  const config = await tenant.config('Fresh');
  await tenant.upload(
    config,
    'team.csv',
    'Employee No,Email,Given Name,Family Name,Shoe Size\n007,a@example.org,Ann,Lee,38\n',
  );
  await page.goto(`/integrations/${config}/mappings`);
  await page.getByRole('button', { name: 'Begin with this stream' }).click();
  await expect(page.getByText(/suggestions$/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Accept Email for email' }).click();
  await expect(page.getByText('Nothing was found for external_id')).toHaveCount(1);
  await page.getByRole('button', { name: 'Accept all' }).click();
  await expect(page.getByRole('combobox', { name: 'TrainFlow field of Employee No' })).toContainText('external_id');
  await expect(preview(page).getByText('would be created', { exact: true })).toBeVisible();
  await expectAccessible(page);
});

test.describe('when it can’t be done', () => {
  test.use({ expected: /Failed to load resource/ });

  test('both versions stand side by side after somebody was faster', async ({ page, tenant }) => {
    const { config } = await tenant.samplePeople();
    await page.goto(`/integrations/${config}/mappings`);
    await type(page, 'phone', 'westernDigits');
    const kept = (await tenant.get(`/${config}/mappings`)).items as unknown as Record<string, unknown>[];
    const theirs = kept.map((line) =>
      line.target_field === 'phone' ? { ...line, transform_function: 'normalizeSpace' } : line,
    );
    await tenant.ask('PUT', `/${config}/mappings`, { mappings: theirs });
    await expect(save(page)).toBeEnabled();
    await save(page).click();
    const dialog = page.getByRole('dialog', { name: 'Two versions' });
    await expect(dialog.getByRole('row', { name: /phone/ })).toContainText('phone | normalizeSpace');
    await expect(dialog.getByRole('row', { name: /phone/ })).toContainText('phone | westernDigits');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save mine over it' }).click();
    await expect(page.getByText('The mappings are saved.')).toBeVisible();
  });

  for (const status of [500, 403, 429, 503]) {
    test(`the mappings answer ${status}`, async ({ page, tenant }) => {
      const config = await tenant.config('Unlucky');
      await answerProblem(page, `/${config}/mappings`, status);
      await page.goto(`/integrations/${config}/mappings`);
      await expect(page.getByRole('alert')).toContainText('This is what the host says of it.');
      await expectAccessible(page);
    });
  }

  test('a save that fails keeps what was typed', async ({ page, tenant }) => {
    const { config } = await tenant.samplePeople();
    await page.goto(`/integrations/${config}/mappings`);
    await type(page, 'phone', 'westernDigits');
    await expect(save(page)).toBeEnabled();
    await page.route(`**/${config}/mappings`, (route) =>
      route.request().method() === 'PUT' ? route.abort('connectionrefused') : route.continue(),
    );
    await save(page).click();
    await expect(page.getByRole('alert').filter({ hasText: 'TrainFlow can’t be reached' }).first()).toBeVisible();
    await expect(transformOf(page, 'phone')).toHaveText('westernDigits');
  });
});
