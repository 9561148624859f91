/**
 * The first hour of an administrator, from an empty TrainFlow to people in it, as issue 7 shows it: once in each
 * language, against the real host.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, prefer, test } from './harness.ts';

const people = join(import.meta.dirname, '../../samples/people.csv');

const words = {
  en: {
    token: 'Token',
    signIn: 'Sign in',
    integrations: 'Integrations',
    add: 'Add integration',
    connector: /^File import/,
    name: 'Name',
    choose: 'Choose a file',
    sent: /437\.9 kB, uploaded/,
    next: 'Continue',
    works: 'The connection works.',
    acceptAll: 'Accept all',
    would: (good: number) => `${good} of 200 rows would be taken`,
    fix: 'Fix in the mapping: hire_date',
    preview: 'Live preview',
    rejected: 'would be rejected',
    transform: 'Transform of hire_date',
    line: 'people.csv, line 143',
    ready: 'All is ready: people.csv can be imported',
    dryRun: 'Switch on and make a dry run',
    planned: 'This was a dry run: nothing has been changed.',
    apply: 'Apply this plan',
    in: /of 2,000 rows are in\./,
    rejects: 'Look at the rejects',
    download: 'Download the rejects',
    dates: /^Not a date in the expected form/,
    correct: 'Correct the record 003462',
    sheet: 'Correct a record',
    save: 'Save and replay',
    replayed: '1 record is in now.',
    importFile: 'Import a file',
    into: 'Into',
    toMapping: 'Go on to the mapping',
    import: 'Import 2,000 rows',
    decide: 'Look and decide',
    held: 'Held: 150 people would lose access',
    approve: /Apply to 150 people/,
    approved: 'Approved by sara ·',
  },
  ar: {
    token: 'رمز الدخول',
    signIn: 'تسجيل الدخول',
    integrations: 'التكاملات',
    add: 'إضافة تكامل',
    connector: /^File import/,
    name: 'الاسم',
    choose: 'اختيار ملف',
    sent: /437[.٫]9 .*رُفع/,
    next: 'متابعة',
    works: 'الاتصال يعمل.',
    acceptAll: 'قبول الكل',
    would: (good: number) => `سيُقبل ${good} من 200 صف`,
    fix: /^الإصلاح في الربط: .*hire_date/,
    preview: 'معاينة مباشرة',
    rejected: 'سيُرفض',
    transform: /^تحويل .*hire_date/,
    line: /people\.csv.*، السطر 143/,
    ready: /^كل شيء جاهز: يمكن استيراد .*people\.csv/,
    dryRun: 'التفعيل وتشغيل تجريبي',
    planned: 'كان هذا تشغيلًا تجريبيًا ولم يتغيّر شيء.',
    apply: 'تطبيق هذه الخطة',
    in: /من 2,000 صف\. تعذّر قبول/,
    rejects: 'عرض المرفوضات',
    download: 'تنزيل المرفوضات',
    dates: /^ليس تاريخًا بالصيغة المتوقعة/,
    correct: 'تصحيح السجل ⁨003462⁩',
    sheet: 'تصحيح سجل',
    save: 'حفظ وإعادة التطبيق',
    replayed: 'أُدخل سجل واحد.',
    importFile: 'استيراد ملف',
    into: 'إلى',
    toMapping: 'المتابعة إلى ربط الحقول',
    import: /^استيراد .*2,000 صف/,
    decide: 'العرض والقرار',
    held: /سيفقد 150 شخصًا وصولهم/,
    approve: /تطبيق ما يخص .?150 شخصًا/,
    approved: 'وافق عليه ⁨sara⁩ ·',
  },
} as const;

/** One row has its date the American way: put into the order of the others, it is read. */
const mended = 'trim | regexReplace("^(\\\\d\\\\d)/([2-3]\\\\d)/", "\\\\2/\\\\1/") | parseDate("dd/MM/yyyy")';

/** As somebody types it over what stands there, with the brackets that close by themselves. */
async function typeOver(page: Page, name: string | RegExp, text: string): Promise<void> {
  const editor = page.getByRole('textbox', { name });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text[0] ?? '');
  await page.keyboard.press('Escape');
  await page.keyboard.type(text.slice(1));
  await page.keyboard.press('Escape');
  await expect(editor).toHaveText(text);
}

/** The same people, 150 of whom have left. */
async function leaving(): Promise<Buffer> {
  let left = 150;
  const text = await readFile(people, 'utf8');
  return Buffer.from(text.replaceAll(',Active,', (status) => (left-- > 0 ? ',Terminated,' : status)));
}

test.use({ isSignedIn: false });

for (const language of ['en', 'ar'] as const) {
  test(`from signing in to people, a replayed reject and an approved run, in ${language}`, async ({ page, tenant }) => {
    test.setTimeout(180_000);
    const say = words[language];
    await prefer(page, { language });
    await page.goto('/integrations');
    await page.getByLabel(say.token, { exact: true }).fill(tenant.token);
    await page.getByRole('button', { name: say.signIn, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: say.integrations })).toBeVisible();

    await page.getByRole('link', { name: say.add }).click();
    await page.getByRole('button', { name: say.connector }).click();
    await page.getByLabel(say.name).fill('People of HR');
    await page.getByLabel(say.choose).setInputFiles(people);
    await expect(page.getByText(say.sent)).toBeVisible();
    const next = page.getByRole('button', { name: say.next, exact: true });
    await next.click();
    await expect(page.getByText(say.works)).toBeVisible();
    await next.click();
    await expect(page.getByRole('combobox')).toHaveCount(1);
    await next.click();

    await page.getByRole('button', { name: say.acceptAll }).click();
    await next.click();
    await expect(page.getByText(say.would(199))).toBeVisible();
    await page.getByRole('button', { name: say.fix }).click();
    const preview = page.getByRole('region', { name: say.preview });
    await expect(preview.getByText(say.rejected, { exact: true })).toBeVisible();
    await expect(preview.getByText(say.line)).toBeVisible();
    await expectAccessible(page);
    await typeOver(page, say.transform, mended);
    await expect(preview.getByText(say.line)).toHaveCount(0);
    await next.click();
    await expect(page.getByText(say.would(200))).toBeVisible();
    await next.click();
    await expect(page.getByRole('radiogroup')).toBeVisible();
    await next.click();
    await expect(page.getByText(say.ready)).toBeVisible();
    await page.getByRole('button', { name: say.dryRun }).click();
    await expect(page.getByText(say.planned)).toBeVisible({ timeout: 30_000 });
    await expectAccessible(page);
    const { owned } = ((await tenant.get('/configs')).items as unknown as { owned: { users: number } }[])[0] ?? {};
    expect(owned?.users).toBe(0);
    await page.getByRole('button', { name: say.apply }).click();
    await expect(page.getByText(say.in)).toBeVisible({ timeout: 30_000 });
    await expectAccessible(page);

    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: say.download }).click();
    expect(await readFile(await (await saved).path(), 'utf8')).toContain('_error,_fix');
    await page.getByRole('link', { name: say.rejects }).click();
    await expect(page).toHaveURL(/\/runs\//);
    await page.getByRole('button', { name: say.dates }).click();
    await page.getByRole('button', { name: say.correct }).click();
    const sheet = page.getByRole('dialog', { name: say.sheet });
    await sheet.getByLabel('hire_date').fill('28/02/2023');
    await sheet.getByRole('button', { name: say.save }).click();
    await expect(page.getByText(say.replayed)).toBeVisible();

    // The next export ends 150 of them: more than goes without a decision.
    await page.getByRole('link', { name: say.importFile, exact: true }).click();
    await page.getByRole('combobox', { name: say.into }).click();
    await page.getByRole('option', { name: 'People of HR', exact: true }).click();
    await page
      .getByLabel(say.choose)
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: await leaving() });
    await page.getByRole('button', { name: say.toMapping }).click();
    await page.getByRole('button', { name: say.import }).click();
    await page.getByRole('link', { name: say.decide }).click();
    await expect(page.getByRole('heading', { name: say.held })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(101);
    await expectAccessible(page);
    await page.getByRole('button', { name: say.approve }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: say.approve }).click();
    await expect(page.getByText(say.approved)).toBeVisible();
    const run = await tenant.atRest(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    expect(run).toMatchObject({ state: 'done_with_rejects', counts: { updated: 150, set_aside: 0 } });
    expect(run.guard).toMatchObject({ decision: { decision: 'approved', by: 'sara' } });
  });
}
