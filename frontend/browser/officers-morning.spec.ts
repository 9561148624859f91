import { test as base, expect, prefer } from './harness.ts';
import { Tenant } from './host.ts';

/** Somebody who may not do everything: a training officer. */
const test = base.extend({
  tenant: async ({ host }, use) => use(await Tenant.at(host, 'training_officer')),
});

const words = {
  en: {
    needs: 'What needs you',
    waits: /Employees, all sites waits for a decision/,
    verdict: 'Held: 12 people would lose access',
    approve: /Apply to 12 people/,
    approved: 'Approved by sara ·',
    applied: 'applied',
    today: 'Today',
    rejected: /Night shift.*9 rows were rejected/,
    correct: 'Correct the record 003462',
    sheet: 'Correct a record',
    save: 'Save and replay',
    done: '1 record is in now.',
    left: '8 of 9 rejects are left to do.',
  },
  ar: {
    needs: 'ما يحتاج إليك',
    waits: /Employees, all sites.*قرارًا/,
    verdict: /سيفقد 12 شخصًا وصولهم/,
    approve: /تطبيق ما يخص .?12 شخصًا/,
    approved: 'وافق عليه ⁨sara⁩ ·',
    applied: 'طُبّق',
    today: 'اليوم',
    rejected: /Night shift.*رُفضت 9 صفوف/,
    correct: 'تصحيح السجل ⁨003462⁩',
    sheet: 'تصحيح سجل',
    save: 'حفظ وإعادة التطبيق',
    done: 'أُدخل سجل واحد.',
    left: 'بقيت 8 من ⁨9 مرفوضات⁩.',
  },
};

for (const language of ['en', 'ar'] as const) {
  test(`an officer's morning, ${language}: a held run is looked at and approved, a reject corrected and replayed`, async ({
    page,
    tenant,
  }) => {
    const say = words[language];
    const held = await tenant.heldPeople('Employees, all sites');
    const night = await tenant.samplePeople('Night shift');
    await prefer(page, { language });
    await page.goto('/');

    const needs = page.getByRole('region', { name: say.needs });
    await needs.getByRole('listitem').filter({ hasText: say.waits }).getByRole('link').click();
    await expect(page.getByRole('heading', { name: say.verdict })).toBeVisible();
    // Who they are, before anything is pressed.
    await expect(page.getByRole('row', { name: /Omar Al-Qahtani/ })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(13);
    await page.getByRole('button', { name: say.approve }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: say.approve }).click();
    await expect(page.getByText(say.approved)).toBeVisible();
    await expect(page.getByRole('row', { name: /Omar Al-Qahtani/ })).toContainText(say.applied);
    const decided = await tenant.atRest(held.run.id);
    expect(decided.state).toBe('done');
    expect(decided.counts).toMatchObject({ updated: 12, set_aside: 0 });

    await page.getByRole('link', { name: say.today, exact: true }).click();
    await expect(needs.getByRole('listitem')).toHaveCount(1);
    await needs.getByRole('listitem').filter({ hasText: say.rejected }).getByRole('link').click();
    await page.getByRole('button', { name: say.correct }).click();
    const sheet = page.getByRole('dialog', { name: say.sheet });
    await expect(sheet.getByLabel('hire_date')).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('28/02/2023');
    await page.keyboard.press('Enter');
    await expect(page.getByText(say.done)).toBeVisible();
    await expect(page.getByText(say.left)).toBeVisible();
    const { items } = (await tenant.get(`/runs/${night.run.id}/rejects?state=replayed`)) as unknown as {
      items: { raw: Record<string, string>; correction: { by: string } }[];
    };
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ raw: { employee_id: '003462' }, correction: { by: 'sara' } });
  });
}
